/** A refusal of the server, or a request that never reached it. Every failed call of the client throws one. */
export class ApiError extends Error {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Stable word for code: `permission_denied`, `slug_unavailable`; `offline` and `network` are our own. */
  readonly code: string;
  /** One sentence for a person. */
  readonly detail: string;
  /** Sentences by field name, as the form knows it. Nested fields are joined by dots. */
  readonly fieldErrors: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly retryAfterSeconds: number | undefined;
  /** The whole problem, for members that only one endpoint has. */
  readonly problem: Readonly<Record<string, unknown>>;

  constructor(init: {
    status: number;
    code: string;
    detail: string;
    fieldErrors?: Record<string, string>;
    requestId?: string;
    retryAfterSeconds?: number | undefined;
    problem?: Record<string, unknown>;
  }) {
    super(`${init.status} ${init.code}: ${init.detail}`);
    this.name = 'ApiError';
    this.status = init.status;
    this.code = init.code;
    this.detail = init.detail;
    this.fieldErrors = init.fieldErrors ?? {};
    this.requestId = init.requestId ?? '';
    this.retryAfterSeconds = init.retryAfterSeconds;
    this.problem = init.problem ?? {};
  }

  /** Trying the very same again may help; not where the database was too slow: it would only be slower. */
  get retryable(): boolean {
    return this.code !== 'too_slow' && (this.status === 0 || this.status >= 500 || this.status === 429);
  }
}

interface ProblemBody {
  title?: string;
  detail?: string;
  code?: string;
  errors?: { pointer?: string; param?: string; code?: string; detail?: string; message?: string }[];
}

/** `#/owner/email` is `owner.email`. */
function fieldOf(pointer: string): string {
  return pointer
    .replace(/^#?\/?/, '')
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
}

/**
 * Reads an answer that is not 2xx. Understands problem+json, and the shape of the sign-in endpoints
 * (`errors: [{param, message}]`), so that forms need to know only one.
 */
export async function problemOf(response: Response, requestId: string): Promise<ApiError> {
  const body = await readJson(response);
  const errors = Array.isArray(body.errors) ? body.errors : [];
  const fieldErrors: Record<string, string> = {};
  for (const error of errors) {
    const field = error.param ?? (error.pointer === undefined ? '' : fieldOf(error.pointer));
    const sentence = error.detail ?? error.message ?? '';
    if (field && sentence && !(field in fieldErrors)) fieldErrors[field] = sentence;
  }
  const first = errors[0];
  const wait = Number(response.headers.get('Retry-After') ?? (body as Record<string, unknown>)['retry_after_seconds']);
  return new ApiError({
    status: response.status,
    code: body.code ?? first?.code ?? `http_${response.status}`,
    detail: body.detail ?? first?.detail ?? first?.message ?? body.title ?? fallback(response.status),
    fieldErrors,
    requestId: response.headers.get('X-Request-ID') ?? requestId,
    retryAfterSeconds: Number.isFinite(wait) && wait > 0 ? wait : undefined,
    problem: body as Record<string, unknown>,
  });
}

async function readJson(response: Response): Promise<ProblemBody> {
  try {
    const body: unknown = await response.json();
    return body !== null && typeof body === 'object' ? (body as ProblemBody) : {};
  } catch {
    return {};
  }
}

function fallback(status: number): string {
  if (status === 429) return 'Too many tries. Wait a moment, then try again.';
  if (status >= 500) return 'The fault is ours. Try again in a moment.';
  return 'The server refused this.';
}
