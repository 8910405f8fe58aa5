// The C library's DNS resolver. Its functions are macros, and its state is a struct of unions and bit fields: so one question, and one look into the answer.
#pragma once
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

// Asks the system's name servers, or the one given, for the records of a name; over TCP where the answer is too long for UDP.
// The answer's length, or -1 and the reason: HOST_NOT_FOUND, TRY_AGAIN, NO_RECOVERY, NO_DATA, NETDB_INTERNAL.
static inline int cresolv_query(
    const char *name, int type, const struct sockaddr_in *server, int seconds, unsigned char *answer, int capacity, int *reason) {
    struct __res_state state;
    memset(&state, 0, sizeof state);
    if (res_ninit(&state) != 0) {
        *reason = NETDB_INTERNAL;
        return -1;
    }
    if (server != NULL) {
        state.nscount = 1;
        state.nsaddr_list[0] = *server;
    }
    state.retrans = seconds;
    state.retry = 2;
    state.options |= RES_USE_EDNS0;
    int length = res_nquery(&state, name, ns_c_in, type, answer, capacity);
    *reason = state.res_h_errno;
    res_nclose(&state);
    return length;
}

// The data of the answer's record of that type and number, which lies within the answer; NULL where there is none.
static inline const unsigned char *cresolv_record(const unsigned char *answer, int length, int type, int number, int *size) {
    ns_msg message;
    if (ns_initparse(answer, length, &message) != 0) return NULL;
    for (int index = 0; index < ns_msg_count(message, ns_s_an); index++) {
        ns_rr record;
        if (ns_parserr(&message, ns_s_an, index, &record) != 0) return NULL;
        if (ns_rr_type(record) == type && number-- == 0) {
            *size = ns_rr_rdlen(record);
            return ns_rr_rdata(record);
        }
    }
    return NULL;
}

static const int cresolv_type_a = ns_t_a;
static const int cresolv_type_txt = ns_t_txt;
static const int cresolv_host_not_found = HOST_NOT_FOUND;
static const int cresolv_try_again = TRY_AGAIN;
static const int cresolv_no_data = NO_DATA;
