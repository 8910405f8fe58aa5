// What sending costs at the least: a bare loop on libcurl's multi interface, nothing kept, nothing judged.
//
//   loop URL COUNT IN_FLIGHT CA_FILE
//
// Sends COUNT POSTs of 300 bytes with the headers of an APNs request and prints: answered, CPU seconds, wall seconds, peak RSS in KB.
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static char body[300];
static char token[200];

struct request {
    CURL *easy;
    struct curl_slist *headers;
};

static size_t drop(char *data, size_t size, size_t count, void *context) {
    (void)data;
    (void)context;
    return size * count;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void start(CURLM *multi, struct request *request, const char *url, long number) {
    char line[512];
    curl_slist_free_all(request->headers);
    request->headers = NULL;
    snprintf(line, sizeof line, "authorization: bearer %s", token);
    request->headers = curl_slist_append(request->headers, line);
    request->headers = curl_slist_append(request->headers, "apns-topic: com.example.app");
    request->headers = curl_slist_append(request->headers, "apns-push-type: alert");
    request->headers = curl_slist_append(request->headers, "apns-priority: 10");
    request->headers = curl_slist_append(request->headers, "content-type: application/json");
    snprintf(line, sizeof line, "apns-id: 00000000-0000-4000-8000-%012ld", number);
    request->headers = curl_slist_append(request->headers, line);
    snprintf(line, sizeof line, "%s/3/device/%064lx", url, number);
    curl_easy_setopt(request->easy, CURLOPT_URL, line);
    curl_easy_setopt(request->easy, CURLOPT_HTTPHEADER, request->headers);
    curl_multi_add_handle(multi, request->easy);
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: loop URL COUNT IN_FLIGHT CA_FILE\n");
        return 2;
    }
    const char *url = argv[1];
    long count = atol(argv[2]);
    int in_flight = atoi(argv[3]);
    memset(body, 'x', sizeof body);
    memset(token, 't', sizeof token - 1);

    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, 1L);
    curl_multi_setopt(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, 1000L);
    struct request *requests = calloc(in_flight, sizeof *requests);
    for (int i = 0; i < in_flight; i++) {
        CURL *easy = requests[i].easy = curl_easy_init();
        curl_easy_setopt(easy, CURLOPT_PRIVATE, &requests[i]);
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
        curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_CAINFO, argv[4]);
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 30000L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)sizeof body);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    }

    double begun = now();
    long started = 0, answered = 0, finished = 0;
    // One request opens the connection, as APNs wants it; the others follow its answer.
    start(multi, &requests[0], url, started++);
    while (finished < count) {
        int running, left;
        curl_multi_perform(multi, &running);
        CURLMsg *message;
        while ((message = curl_multi_info_read(multi, &left))) {
            CURL *easy = message->easy_handle;
            struct request *request;
            long status = 0;
            curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&request);
            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
            curl_multi_remove_handle(multi, easy);
            finished++;
            if (status == 200) answered++;
            if (finished == 1)
                for (int i = 1; i < in_flight && started < count; i++) start(multi, &requests[i], url, started++);
            if (started < count) start(multi, request, url, started++);
        }
        if (finished < count) {
            curl_multi_perform(multi, &running);
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
        }
    }
    double wall = now() - begun;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu = usage.ru_utime.tv_sec + usage.ru_utime.tv_usec / 1e6 + usage.ru_stime.tv_sec + usage.ru_stime.tv_usec / 1e6;
    printf("%ld %.4f %.4f %ld\n", answered, cpu, wall, usage.ru_maxrss);
    return answered == count ? 0 : 1;
}
