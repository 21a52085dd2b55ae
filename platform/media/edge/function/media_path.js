// CloudFront Function (viewer request) of the shared distributions' media behaviours: "/media/t/…" and "/media/p/…" are
// the bucket's keys "t/…" and "p/…". Who may have them, CloudFront has decided by the behaviour's key group.
function handler(event) {
    const request = event.request;
    if (request.uri.indexOf('/media/') === 0) {
        request.uri = request.uri.slice('/media'.length);
    }
    return request;
}
