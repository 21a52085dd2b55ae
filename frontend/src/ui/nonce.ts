/**
 * The nonce of this page's own inlined theme. The few primitives that must add a `<style>` (the scroll lock under a
 * dialog, the scroll area of a select) put it on theirs, because the policy has no `unsafe-inline`.
 */
export function pageNonce(): string | undefined {
  return document.querySelector<HTMLElement>('style[nonce],script[nonce]')?.nonce || undefined;
}

/** Hands the nonce to the scroll-lock library, which looks for this global. Call once before the first render. */
export function shareNonce(): void {
  const nonce = pageNonce();
  if (nonce) (globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = nonce;
}
