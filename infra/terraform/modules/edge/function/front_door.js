// CloudFront Function (viewer request) in front of the application: what a client sends must not look like something
// that our own front doors say to the web server, and what only they may ask is not there for anybody else.
// The embedded front door does the same: platform/devstack/parts/caddyfile.py.
var INSIDE = /^\/(?:tls-ask|cell-ask)(?:\/|$)/;
var UNTRUSTED = [
    'forwarded', 'proxy', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-prefix', 'x-forwarded-server',
    'x-http-method-override', 'x-lms-cell', 'x-lms-hop', 'x-original-uri', 'x-original-url', 'x-rewrite-url'
];

function handler(event) {
    var request = event.request;
    if (INSIDE.test(request.uri)) {
        return {
            statusCode: 404,
            statusDescription: 'Not Found',
            headers: { 'cache-control': { value: 'no-store' } }
        };
    }
    UNTRUSTED.forEach(function (name) {
        delete request.headers[name];
    });
    return request;
}
