/**
 * hls.js compiled from the package's source with our features only (see build/hls.ts). Its types are those of the
 * published build.
 */
declare module 'hls.js/source' {
  export { default } from 'hls.js';
  export * from 'hls.js';
}
