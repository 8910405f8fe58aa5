# Sourced by the benchmarks: a sink that is not ours. Debian's nginx speaks HTTP/2 over TLS and answers 200 to every POST,
# with the request's apns-id, as APNs does.
#
# start_sink WORK PORT [exact]: starts it with a certificate of its own, sets `sink` to its process id; the certificate is WORK/cert.pem. When each request
# with a collapse id came stands in WORK/access.log, by the clock of nginx's loop and in whole milliseconds; by the system's and in microseconds where that is
# to be exact, which costs a call to Lua for each request (libnginx-mod-http-lua).
#
# nginx must read the body before it answers, or libcurl 7.88.1 ends a part of the requests with an error: `mirror` makes it read, and the missing
# file becomes the answer. keepalive_requests lies far above what is sent, the streams below 200.
start_sink() {
    local work=$1 port=$2 modules= clock= moment=msec
    if [ "${3:-}" = exact ]; then
        [ -f /usr/lib/nginx/modules/ngx_http_lua_module.so ] || { echo "$0: libnginx-mod-http-lua is missing; make bench installs it (.ci/deps bench)" >&2; exit 1; }
        modules='load_module /usr/lib/nginx/modules/ndk_http_module.so; load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;'
        clock='init_by_lua_block {
            ffi = require "ffi"
            ffi.cdef[[ struct moment { long seconds, nanoseconds; }; int clock_gettime(int clock, struct moment *moment); ]]
            moment = ffi.new("struct moment")
        }
        header_filter_by_lua_block {
            ffi.C.clock_gettime(0, moment)
            ngx.var.moment = string.format("%d.%06d", tonumber(moment.seconds), tonumber(moment.nanoseconds) / 1000)
        }'
        moment=moment
    fi
    # nginx's worker runs as another user where this runs as root.
    chmod 755 "$work"
    # A sink that is started anew is still the one that the gateway trusts.
    [ -f "$work/cert.pem" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -days 2 \
        -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1,DNS:localhost 2> /dev/null
    cat > "$work/nginx.conf" << CONF
$modules
daemon off;
worker_processes 1;
pid $work/nginx.pid;
error_log $work/error.log crit;
events { worker_connections 1024; }
http {
    $clock
    log_format moment '\$$moment \$http_apns_collapse_id';
    access_log $work/access.log moment buffer=64k flush=1s if=\$http_apns_collapse_id;
    client_body_temp_path $work/body;
    proxy_temp_path $work/proxy;
    fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi;
    scgi_temp_path $work/scgi;
    keepalive_requests 100000000;
    keepalive_time 24h;
    client_body_buffer_size 16k;
    server {
        listen 127.0.0.1:$port ssl http2;
        ssl_certificate $work/cert.pem;
        ssl_certificate_key $work/key.pem;
        http2_max_concurrent_streams 150;
        root $work;
        set \$moment "";
        location / { mirror /read; log_not_found off; error_page 404 =200 /done; }
        location = /read { internal; access_log off; return 204; }
        location = /done { internal; add_header apns-id \$http_apns_id; return 200; }
    }
}
CONF
    nginx -p "$work" -c "$work/nginx.conf" 2> "$work/start.log" &
    sink=$!
    until (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do
        kill -0 "$sink" 2> /dev/null || { echo "$0: nginx did not start:" >&2; cat "$work/start.log" "$work/error.log" >&2; exit 1; }
    done
}
