// CloudFront Function (viewer request, runtime 2.0) of the distribution tenants' /media/t/* behaviour.
//
// Serves a request only with a token that the organization in its path made for this host, item and revision; CloudFront
// itself asks for a signature of the shared key group besides. The key-value store holds, by an organization's id, its
// secrets ("current,retiring") and, by "r:<sid>", each grant that was ended before its time.
// The same rules in Python: media.edge.token. Both are held to the vectors in tests/contracts/media_token.json.
import cf from 'cloudfront';
import crypto from 'crypto';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const REV = '[A-Za-z0-9_-]{1,64}';
const SEGMENT = '[A-Za-z0-9_~-][A-Za-z0-9._~-]*';
const PATH = new RegExp('^/media/t/(' + UUID + ')/([vf])/(' + UUID + ')/(' + REV + ')(?:/' + SEGMENT + ')+$');
const TOKEN = new RegExp('^1\\.([vf])\\.(' + UUID + ')\\.(' + REV + ')\\.([1-9][0-9]{0,15})\\.([0-9a-f]{32})\\.([A-Za-z0-9_-]{43})$');
const PATH_MAX = 1024;
const COOKIE = 'LMS-Media-Token';
const PARAMETER = 'Media-Token';
const PREFIX = '/media';

function refused(reason) {
    return {
        statusCode: 403,
        statusDescription: 'Forbidden',
        headers: { 'cache-control': { value: 'no-store' }, 'x-edge-reason': { value: reason } }
    };
}

function same(a, b) {
    let difference = a.length ^ b.length;
    for (let i = 0; i < a.length && i < b.length; i++) {
        difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
    }
    return difference === 0;
}

async function handler(event) {
    const request = event.request;
    const path = request.uri.length <= PATH_MAX ? PATH.exec(request.uri) : null;
    if (!path) {
        return refused('NotCanonical');
    }
    const given = request.querystring[PARAMETER] || request.cookies[COOKIE];
    if (!given || !given.value) {
        return refused('MissingToken');
    }
    if (given.multiValue && given.multiValue.length > 1) {
        return refused('DuplicateParameter');
    }
    const token = TOKEN.exec(given.value);
    if (!token) {
        return refused('MalformedToken');
    }
    if (token[1] !== path[2] || token[2] !== path[3] || token[3] !== path[4]) {
        return refused('TokenMismatch');
    }
    const store = cf.kvs();
    let secrets;
    try {
        secrets = (await store.get(path[1])).split(',');
    } catch (missing) {
        return refused('UnknownKey');
    }
    const host = request.headers.host ? request.headers.host.value : '';
    const said = ['1', host, path[1], token[1], token[2], token[3], token[4], token[5]].join('|');
    let known = false;
    for (let i = 0; i < secrets.length; i++) {
        const mac = crypto.createHmac('sha256', secrets[i]).update(said).digest('base64url');
        known = same(mac, token[6]) || known;
    }
    if (!known) {
        return refused('BadToken');
    }
    if (Date.now() / 1000 >= Number(token[4])) {
        return refused('Expired');
    }
    if (await store.exists('r:' + token[5])) {
        return refused('GrantRevoked');
    }
    // The organization stays in the path: it is the cache's key, and nobody's object may be found under another's.
    request.uri = request.uri.slice(PREFIX.length);
    return request;
}
