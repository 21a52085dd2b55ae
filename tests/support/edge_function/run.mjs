// Runs a CloudFront Function's file, unchanged, over vectors: node --experimental-vm-modules run.mjs FILE VECTORS.
// Prints one JSON line a vector. What CloudFront gives the code is made here: the key-value store and the clock.
import { readFileSync } from 'node:fs';
import nodeCrypto from 'node:crypto';
import vm from 'node:vm';

const [file, vectorsFile] = process.argv.slice(2);
const source = readFileSync(file, 'utf8');
let store = {};
const kvs = {
    async get(key) {
        if (!(key in store)) throw new Error('KeyNotFound');
        return store[key];
    },
    async exists(key) {
        return key in store;
    },
};

async function load() {
    const context = vm.createContext({ URL: undefined });
    // The entry point is the function called "handler"; a module has to hand it out to be called from here.
    const entry = new vm.SourceTextModule(`${source}\nexport { handler };\n`, { context });
    const given = { cloudfront: { kvs: () => kvs }, crypto: nodeCrypto };
    await entry.link((name) => {
        if (!(name in given)) throw new Error(`CloudFront has no module ${name}`);
        return new vm.SyntheticModule(['default'], function () { this.setExport('default', given[name]); }, { context });
    });
    await entry.evaluate();
    const setNow = vm.runInContext('(now) => { Date.now = () => now * 1000; }', context);
    return { handler: entry.namespace.handler, setNow };
}

const { handler, setNow } = await load();
for (const vector of JSON.parse(readFileSync(vectorsFile, 'utf8'))) {
    store = vector.store;
    setNow(vector.now);
    const started = process.hrtime.bigint();
    const answer = await handler(structuredClone(vector.event));
    const microseconds = Number(process.hrtime.bigint() - started) / 1000;
    const outcome = answer.statusCode ? answer.headers['x-edge-reason'].value : 'served';
    console.log(JSON.stringify({ name: vector.name, outcome, status: answer.statusCode ?? null, uri: answer.uri ?? null, microseconds }));
}
