#pragma once
#include <curl/curl.h>

// Swift imports no variadic function and no cast macro. So: one function per type of argument, one constant per macro.
// No logic here. Everything is prefixed, so that it can't collide with libcurl's own names.

#if LIBCURL_VERSION_NUM < 0x075700
#error "libcurl 7.87 or newer is needed (CURLOPT_PROTOCOLS_STR, CURLOPT_PREREQFUNCTION, CURLOPT_QUICK_EXIT)"
#endif

// The parentheses keep libcurl's type-checking macros of the same names away.

static inline CURLcode ccurl_easy_setopt_long(CURL *easy, CURLoption option, long value) { return (curl_easy_setopt)(easy, option, value); }
static inline CURLcode ccurl_easy_setopt_offset(CURL *easy, CURLoption option, curl_off_t value) { return (curl_easy_setopt)(easy, option, value); }
static inline CURLcode ccurl_easy_setopt_string(CURL *easy, CURLoption option, const char *value) { return (curl_easy_setopt)(easy, option, value); }
static inline CURLcode ccurl_easy_setopt_pointer(CURL *easy, CURLoption option, void *value) { return (curl_easy_setopt)(easy, option, value); }
static inline CURLcode ccurl_easy_setopt_slist(CURL *easy, CURLoption option, struct curl_slist *value) { return (curl_easy_setopt)(easy, option, value); }
static inline CURLcode ccurl_easy_setopt_blob(CURL *easy, CURLoption option, struct curl_blob *value) { return (curl_easy_setopt)(easy, option, value); }
static inline CURLcode ccurl_easy_setopt_url(CURL *easy, CURLU *value) { return (curl_easy_setopt)(easy, CURLOPT_CURLU, value); }
// Body and header callbacks have one type.
static inline CURLcode ccurl_easy_setopt_write(CURL *easy, CURLoption option, curl_write_callback value) { return (curl_easy_setopt)(easy, option, value); }
static inline CURLcode ccurl_easy_setopt_read(CURL *easy, CURLoption option, curl_read_callback value) { return (curl_easy_setopt)(easy, option, value); }
static inline CURLcode ccurl_easy_setopt_debug(CURL *easy, curl_debug_callback value) { return (curl_easy_setopt)(easy, CURLOPT_DEBUGFUNCTION, value); }
static inline CURLcode ccurl_easy_setopt_prereq(CURL *easy, curl_prereq_callback value) { return (curl_easy_setopt)(easy, CURLOPT_PREREQFUNCTION, value); }
static inline CURLcode ccurl_easy_setopt_progress(CURL *easy, curl_xferinfo_callback value) { return (curl_easy_setopt)(easy, CURLOPT_XFERINFOFUNCTION, value); }
static inline CURLcode ccurl_easy_setopt_opensocket(CURL *easy, curl_opensocket_callback value) { return (curl_easy_setopt)(easy, CURLOPT_OPENSOCKETFUNCTION, value); }
static inline CURLcode ccurl_easy_setopt_ssl_context(CURL *easy, curl_ssl_ctx_callback value) { return (curl_easy_setopt)(easy, CURLOPT_SSL_CTX_FUNCTION, value); }
static inline CURLcode ccurl_easy_setopt_closesocket(CURL *easy, curl_closesocket_callback value) { return (curl_easy_setopt)(easy, CURLOPT_CLOSESOCKETFUNCTION, value); }

static inline CURLcode ccurl_easy_getinfo_long(CURL *easy, CURLINFO info, long *value) { return (curl_easy_getinfo)(easy, info, value); }
static inline CURLcode ccurl_easy_getinfo_offset(CURL *easy, CURLINFO info, curl_off_t *value) { return (curl_easy_getinfo)(easy, info, value); }
static inline CURLcode ccurl_easy_getinfo_string(CURL *easy, CURLINFO info, const char **value) { return (curl_easy_getinfo)(easy, info, value); }
static inline CURLcode ccurl_easy_getinfo_pointer(CURL *easy, CURLINFO info, void **value) { return (curl_easy_getinfo)(easy, info, value); }
static inline CURLcode ccurl_easy_getinfo_socket(CURL *easy, curl_socket_t *value) { return (curl_easy_getinfo)(easy, CURLINFO_ACTIVESOCKET, value); }

static inline CURLMcode ccurl_multi_setopt_long(CURLM *multi, CURLMoption option, long value) { return (curl_multi_setopt)(multi, option, value); }
static inline CURLMcode ccurl_multi_setopt_pointer(CURLM *multi, CURLMoption option, void *value) { return (curl_multi_setopt)(multi, option, value); }
static inline CURLMcode ccurl_multi_setopt_socket(CURLM *multi, curl_socket_callback value) { return (curl_multi_setopt)(multi, CURLMOPT_SOCKETFUNCTION, value); }
static inline CURLMcode ccurl_multi_setopt_timer(CURLM *multi, curl_multi_timer_callback value) { return (curl_multi_setopt)(multi, CURLMOPT_TIMERFUNCTION, value); }

// CURLMsg holds a union.
static inline int ccurl_msg_is_done(const CURLMsg *message) { return message->msg == CURLMSG_DONE; }
static inline CURL *ccurl_msg_easy(const CURLMsg *message) { return message->easy_handle; }
static inline CURLcode ccurl_msg_result(const CURLMsg *message) { return message->data.result; }

static const curl_socket_t ccurl_socket_timeout = CURL_SOCKET_TIMEOUT;
static const curl_socket_t ccurl_socket_bad = CURL_SOCKET_BAD;
static const long ccurl_global_default = CURL_GLOBAL_DEFAULT;
static const long ccurl_http_version_1_1 = CURL_HTTP_VERSION_1_1;
static const long ccurl_http_version_2_tls = CURL_HTTP_VERSION_2TLS;
static const long ccurl_sslversion_tls_1_2 = CURL_SSLVERSION_TLSv1_2;
static const long ccurl_use_ssl_all = CURLUSESSL_ALL;
static const long ccurl_use_ssl_none = CURLUSESSL_NONE;
static const long ccurl_pipe_multiplex = CURLPIPE_MULTIPLEX;
static const size_t ccurl_readfunc_abort = CURL_READFUNC_ABORT;
static const size_t ccurl_error_size = CURL_ERROR_SIZE;
static const unsigned int ccurl_blob_copy = CURL_BLOB_COPY;
static const CURLversion ccurl_version_now = CURLVERSION_NOW;

// Renamed in 8.2.0.
#if LIBCURL_VERSION_NUM >= 0x080200
static const CURLoption ccurl_opt_mail_rcpt_allow_fails = CURLOPT_MAIL_RCPT_ALLOWFAILS;
#else
static const CURLoption ccurl_opt_mail_rcpt_allow_fails = CURLOPT_MAIL_RCPT_ALLLOWFAILS;
#endif
