// OpenSSL, for what no Swift package reads: PKCS#12 files, certificates' dates and topics, and keys of whatever kind; and for the bytes of libcurl's connections.
// Functions that are macros, and constants that are expressions, need a line here.
#pragma once
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static const int copenssl_reason_unsupported = ERR_R_UNSUPPORTED;
static const unsigned long copenssl_name_rfc2253 = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;

static inline void copenssl_free_certificates(STACK_OF(X509) *certificates) { sk_X509_pop_free(certificates, X509_free); }
static inline int copenssl_count_certificates(const STACK_OF(X509) *certificates) { return certificates == NULL ? 0 : sk_X509_num(certificates); }
static inline int copenssl_put_back(STACK_OF(X509) *certificates, X509 *certificate) { return sk_X509_unshift(certificates, certificate); }

static const int copenssl_handshake_done = SSL_CB_HANDSHAKE_DONE;
static const int copenssl_version_string = OPENSSL_VERSION_STRING;
static inline void copenssl_bio_retry_read(BIO *bio) { BIO_set_retry_read(bio); }
static inline void copenssl_bio_retry_write(BIO *bio) { BIO_set_retry_write(bio); }
static inline void copenssl_bio_no_retry(BIO *bio) { BIO_clear_retry_flags(bio); }
static inline int copenssl_set_lane(SSL_CTX *context, void *lane) { return SSL_CTX_set_app_data(context, lane); }
static inline void *copenssl_lane(const SSL *connection) { return SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)); }
