/// What one folder says about its endpoints, for `/openapi.json`: JSON text beside the handlers that it describes.
///
/// It says what only its author can know; `OpenAPIAssembler` adds what follows from the route table or holds everywhere. Members:
/// - `tag` and `about`: the folder's name and what it is for.
/// - `operations`: by `METHOD /path/:parameter`, each with `id`, `summary`, `description`, `parameters`, `body`, `answers`, `problems`.
///   `parameters` are names of components or whole parameters. `body` has `schema` and `example` or `examples`. `answers` by status have
///   `description`, `schema` (or `list`: the schema of a paged list's entries), `example` or `examples`, `headers` (names of components), and instead of
///   `schema` and examples `content` by media type where there are several, or another than JSON. `problems`
///   by status say in which words an error applies here, where its general description is not enough or it would not be expected.
///   Two folders that share a route each describe their side of it.
///   `isRepeatable` is false where a POST keeps no `Idempotency-Key`.
/// - `parameters`: components, by name.
/// - `requests`: schemas of what is sent. A member that is not `required` may be null as well: it then counts as absent.
/// - `schemas`: schemas of what is answered. Every member is required but those that `optional` names.
/// - `spreads`: members that several schemas take over with `spread`.
///
/// A schema that is a mere name, and a `$ref` that is one, stands for the component of that name.
struct OpenAPIFragment: Sendable {
    let text: StaticString

    init(_ text: StaticString) {
        self.text = text
    }
}
