import { createHash } from 'node:crypto';
import { http, HttpResponse } from 'msw';

/**
 * The application and an S3 for tests, over HTTP as the browser sees them. As strict as the real ones: a part must
 * carry exactly the checksum and the length that were signed, and an upload is only completed with all its parts.
 */
export class FakeStore {
  readonly partBytes: number;
  readonly received = new Map<number, Uint8Array>();
  readonly signed = new Map<number, { sha256: string; until: number }>();
  size = 0;
  state: 'none' | 'open' | 'received' | 'aborted' = 'none';
  puts: number[] = [];
  inFlight = 0;
  mostInFlight = 0;
  completions = 0;
  /** Statuses to answer next, instead of looking: for a store in trouble. */
  trouble: number[] = [];
  /** Resolves before a PUT is answered. */
  gate: (part: number) => Promise<void> = () => Promise.resolve();
  expireSignatures = false;
  refuseCreate: { status: number; code: string; detail: string } | null = null;
  /** Parts the store loses between listing and completion, once. */
  loseOnComplete: number[] = [];

  constructor(partBytes: number) {
    this.partBytes = partBytes;
  }

  get parts(): number {
    return Math.max(1, Math.ceil(this.size / this.partBytes));
  }

  bytes(): Uint8Array {
    return Uint8Array.from([...this.received].sort(([a], [b]) => a - b).flatMap(([, part]) => [...part]));
  }

  handlers() {
    const upload = () => ({
      id: 'up1',
      asset_id: 'asset1',
      part_bytes: this.partBytes,
      parts: this.parts,
      state: this.state,
      received: [...this.received].map(([number, part]) => ({ number, size_bytes: part.length })),
      expires_at: '2030-01-01T00:00:00Z',
    });
    return [
      http.post('*/api/v1/uploads/', async ({ request }) => {
        if (this.refuseCreate) return problem(this.refuseCreate);
        this.size = ((await request.json()) as { size_bytes: number }).size_bytes;
        this.state = 'open';
        return HttpResponse.json(upload(), { status: 201 });
      }),
      http.get('*/api/v1/uploads/up1/', () =>
        this.state === 'none' ? problem({ status: 404, code: 'not_found', detail: 'There is no such upload.' }) : HttpResponse.json(upload()),
      ),
      http.post('*/api/v1/uploads/up1/parts/', async ({ request }) => {
        const { parts } = (await request.json()) as { parts: { number: number; sha256: string }[] };
        for (const part of parts) this.signed.set(part.number, { sha256: part.sha256, until: this.expireSignatures ? 0 : Number.POSITIVE_INFINITY });
        return HttpResponse.json({
          items: parts.map((part) => ({
            number: part.number,
            url: `http://s3.test/bucket/up1/${part.number}`,
            headers: { 'x-amz-checksum-sha256': part.sha256, 'content-length': String(this.lengthOf(part.number)) },
          })),
        });
      }),
      http.put('http://s3.test/bucket/up1/:part', async ({ request, params }) => {
        const number = Number(params['part']);
        this.inFlight += 1;
        this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
        try {
          this.puts.push(number);
          const body = new Uint8Array(await request.arrayBuffer());
          await this.gate(number);
          const trouble = this.trouble.shift();
          if (trouble === 0) return HttpResponse.error();
          if (trouble) return new HttpResponse(null, { status: trouble });
          const signature = this.signed.get(number);
          if (!signature || signature.until < Date.now()) return new HttpResponse('Expired', { status: 403 });
          const digest = createHash('sha256').update(body).digest('base64');
          if (digest !== signature.sha256 || request.headers.get('x-amz-checksum-sha256') !== digest) return new HttpResponse('BadDigest', { status: 400 });
          if (body.length !== this.lengthOf(number)) return new HttpResponse('BadLength', { status: 400 });
          this.received.set(number, body);
          return new HttpResponse(null, { status: 200 });
        } finally {
          this.inFlight -= 1;
        }
      }),
      http.post('*/api/v1/uploads/up1/completion/', () => {
        this.completions += 1;
        for (const part of this.loseOnComplete.splice(0)) this.received.delete(part);
        if (this.received.size !== this.parts) return problem({ status: 409, code: 'parts_missing', detail: 'Parts are missing.' });
        this.state = 'received';
        return HttpResponse.json({ id: 'asset1' });
      }),
      http.delete('*/api/v1/uploads/up1/', () => {
        this.state = 'aborted';
        return new HttpResponse(null, { status: 204 });
      }),
    ];
  }

  private lengthOf(number: number): number {
    return Math.min(this.partBytes, this.size - (number - 1) * this.partBytes);
  }
}

function problem({ status, code, detail }: { status: number; code: string; detail: string }) {
  return HttpResponse.json({ type: 'about:blank', title: code, status, code, detail }, { status, headers: { 'Content-Type': 'application/problem+json' } });
}
