// What single requests take that come at a steady rate, however long the answers take: each is timed from the moment at which it was due, so that a server that
// stalls is charged for every request that it kept waiting. A client that waits for one answer before it asks anew (wrk, ab) would leave those out.
//
//   steady URL RATE SECONDS CONNECTIONS HEADER BODY NUMBERS [LOG]
//
// POSTs BODY to URL (http://ADDRESS:PORT/PATH) RATE times a second for SECONDS, or until SIGTERM. In BODY stands @ for the request's number and # for the same
// with 16 digits; the numbers run from 0 and begin anew at NUMBERS. HEADER is one header line, or empty. Writes number and moment of each request to LOG.
// Prints JSON: requests, how many were not answered with 201, and the times. Exits with 1 where the server can't be talked to.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct connection {
    int socket;
    long number; // -1: idle
    size_t length;
    char answer[16384];
};

static volatile sig_atomic_t ended;
static int64_t start;
static double rate;
static double *times;
static long answered, refused;
static char host[256], path[512];
static const char *header, *body;
static long numbers;

static void fail(const char *what) {
    fprintf(stderr, "steady: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(1);
}

static void end(int signal) {
    (void)signal;
    ended = 1;
}

static int64_t now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int64_t due(long number) { return start + (int64_t)(number * 1e9 / rate); }

static void open_socket(struct connection *connection, int poll) {
    char address[256];
    snprintf(address, sizeof address, "%s", host);
    char *colon = strrchr(address, ':');
    errno = 0;
    if (!colon) fail("the URL must be http://ADDRESS:PORT/PATH");
    *colon = 0;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(colon + 1))};
    if (inet_pton(AF_INET, address, &to.sin_addr) != 1) fail("the URL must name an IPv4 address");
    connection->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (connection->socket < 0 || connect(connection->socket, (struct sockaddr *)&to, sizeof to)) fail("connect");
    int one = 1;
    setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(connection->socket, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    epoll_ctl(poll, EPOLL_CTL_ADD, connection->socket, &event);
    connection->number = -1;
}

static void post(struct connection *connection, long number) {
    char content[8192], request[10240];
    size_t length = 0;
    for (const char *c = body; *c && length < sizeof content - 32; c++) {
        if (*c == '@') length += sprintf(content + length, "%ld", number % numbers);
        else if (*c == '#') length += sprintf(content + length, "%016ld", number % numbers);
        else content[length++] = *c;
    }
    int size = snprintf(request, sizeof request, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n%s%sContent-Length: %zu\r\n\r\n%.*s", path,
                        host, header, *header ? "\r\n" : "", length, (int)length, content);
    errno = 0;
    // A few hundred bytes on a connection on which nothing is under way.
    if (size >= (int)sizeof request || send(connection->socket, request, size, MSG_NOSIGNAL) != size) fail("send");
    connection->number = number;
    connection->length = 0;
}

// Takes what has come. True when the answer is whole.
static int take(struct connection *connection) {
    errno = 0;
    ssize_t count = recv(connection->socket, connection->answer + connection->length, sizeof connection->answer - 1 - connection->length, 0);
    if (count < 0 && errno == EAGAIN) return 0;
    if (count <= 0) fail("the server closed a connection");
    connection->length += count;
    connection->answer[connection->length] = 0;
    char *blank = strstr(connection->answer, "\r\n\r\n");
    char *announced = strcasestr(connection->answer, "\r\ncontent-length:");
    errno = 0;
    if (blank && (!announced || announced > blank)) fail("an answer without Content-Length");
    if (connection->length == sizeof connection->answer - 1) fail("an answer above 16 KB");
    return blank && (size_t)(blank + 4 - connection->answer) + strtoul(announced + 17, NULL, 10) <= connection->length;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile(double share) { return answered ? times[(long)((answered - 1) * share)] : 0; }

int main(int argc, char **argv) {
    if (argc < 8 || argc > 9 || sscanf(argv[1], "http://%255[^/]%511s", host, path) != 2) {
        fprintf(stderr, "usage: steady URL RATE SECONDS CONNECTIONS HEADER BODY NUMBERS [LOG]\n");
        return 2;
    }
    rate = atof(argv[2]);
    long count = (long)(rate * atof(argv[3]));
    int size = atoi(argv[4]);
    header = argv[5];
    body = argv[6];
    numbers = atol(argv[7]);
    FILE *log = argc > 8 ? fopen(argv[8], "w") : NULL;
    if (argc > 8 && !log) fail(argv[8]);
    if (rate <= 0 || count <= 0 || size <= 0 || numbers <= 0) fail("RATE, SECONDS, CONNECTIONS and NUMBERS must be above 0");
    struct sigaction action = {.sa_handler = end};
    sigaction(SIGTERM, &action, NULL);

    int poll = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(poll, EPOLL_CTL_ADD, timer, &event);
    struct connection *connections = calloc(size, sizeof *connections), **idle = calloc(size, sizeof *idle);
    times = calloc(count, sizeof *times);
    for (int i = 0; i < size; i++) open_socket(idle[i] = &connections[i], poll);
    int free_count = size;
    long sent = 0;
    double latest = 0;
    start = now(CLOCK_MONOTONIC) + 10000000;

    while (!(ended || sent == count) || answered < sent) {
        int64_t moment = now(CLOCK_MONOTONIC);
        while (!ended && sent < count && free_count && due(sent) <= moment) {
            if (log) fprintf(log, "%ld %.6f\n", sent, now(CLOCK_REALTIME) / 1e9);
            if ((moment - due(sent)) / 1e6 > latest) latest = (moment - due(sent)) / 1e6;
            post(idle[--free_count], sent++);
        }
        if (ended && due(sent) + 30000000000LL < moment) fail("answers are missing 30 seconds after the last request");
        if (sent < count && free_count) {
            int64_t next = due(sent);
            struct itimerspec time = {.it_value = {.tv_sec = next / 1000000000, .tv_nsec = next % 1000000000}};
            timerfd_settime(timer, TFD_TIMER_ABSTIME, &time, NULL);
        }
        struct epoll_event events[64];
        int ready = epoll_wait(poll, events, 64, 1000);
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            uint64_t fired;
            if (!connection) {
                (void)!read(timer, &fired, sizeof fired);
            } else if (take(connection)) {
                times[answered++] = (now(CLOCK_MONOTONIC) - due(connection->number)) / 1e6;
                if (strncmp(connection->answer + 8, " 201 ", 5) && !refused++) fprintf(stderr, "steady: answered %s\n", connection->answer);
                connection->number = -1;
                idle[free_count++] = connection;
            }
        }
    }
    double seconds = (now(CLOCK_MONOTONIC) - start) / 1e9;
    if (log && fclose(log)) fail("log");
    qsort(times, answered, sizeof *times, ascending);
    printf("{\"requests\": %ld, \"errors\": %ld, \"rate\": %.0f, \"p50_ms\": %.2f, \"p99_ms\": %.2f, \"max_ms\": %.2f, \"latest_start_ms\": %.2f}\n", sent, refused,
           answered / seconds, percentile(0.5), percentile(0.99), percentile(1), latest);
    return 0;
}
