#pragma once
#include <zlib.h>

// deflateInit2 and inflateInit2 are macros. 15 bits of window; 16 more ask for the gzip wrapper (RFC 1952).
static inline int czlib_deflate_init_gzip(z_stream *stream) {
    return deflateInit2(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}

static inline int czlib_inflate_init_gzip(z_stream *stream) { return inflateInit2(stream, 15 + 16); }
