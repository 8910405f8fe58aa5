// OpenSSL's libcrypto, for what no Swift package reads: PKCS#12 files and certificates' dates and topics. Functions that are macros need a line here.
#pragma once
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
