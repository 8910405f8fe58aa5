// COUNT POSTs as APNs takes them, through Node's own HTTP/2 client, IN_FLIGHT at a time over one connection.
//
//   node node-http2.mjs URL COUNT IN_FLIGHT CA_FILE
import { readFileSync } from "node:fs";
import http2 from "node:http2";

const [url, count, inFlight, ca] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4]), process.argv[5]];
const session = http2.connect(url, { ca: readFileSync(ca) });
const body = JSON.stringify({ aps: { alert: { title: "Time to log your run!", body: "x".repeat(230) } } });
let begun = 0;
let answered = 0;

function next() {
  if (begun === count) return;
  const id = (begun++).toString(16).padStart(12, "0");
  const stream = session.request({
    ":method": "POST", ":path": "/3/device/" + id.padStart(64, "0"), authorization: "bearer " + "x".repeat(180), "apns-topic": "com.example.app",
    "apns-push-type": "alert", "apns-priority": "10", "apns-id": `00000000-0000-0000-0000-${id}`, "content-type": "application/json",
  });
  stream.on("response", (headers) => { if (headers[":status"] === 200) answered++; });
  stream.on("close", () => { if (begun < count) next(); else if (--open === 0) finish(); });
  stream.on("error", (error) => { throw error; });
  stream.resume();
  stream.end(body);
}

function finish() {
  session.close();
  if (answered !== count) { console.error(`${answered} of ${count} were answered`); process.exit(1); }
}

let open = inFlight;
for (let i = 0; i < inFlight; i++) next();
