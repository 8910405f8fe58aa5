// OpenSSL's libcrypto, for what no Swift package reads: PKCS#12 files, certificates' dates and topics, and keys of whatever kind.
// Functions that are macros, and constants that are expressions, need a line here.
#pragma once
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static const int copenssl_reason_unsupported = ERR_R_UNSUPPORTED;
static const unsigned long copenssl_name_rfc2253 = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;

static inline void copenssl_free_certificates(STACK_OF(X509) *certificates) { sk_X509_pop_free(certificates, X509_free); }
static inline int copenssl_count_certificates(const STACK_OF(X509) *certificates) { return certificates == NULL ? 0 : sk_X509_num(certificates); }
static inline int copenssl_put_back(STACK_OF(X509) *certificates, X509 *certificate) { return sk_X509_unshift(certificates, certificate); }
