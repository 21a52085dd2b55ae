import { afterEach, describe, expect, it, vi } from 'vitest';
import { HlsEngine } from './hls-engine';

/** What hls.js asks itself before it loads the next segment: how many seconds may be in hand at this bit rate. */
interface Loading {
  streamController: { getMaxBufferLength(bitrate: number): number };
  loadSource(url: string): void;
  attachMedia(media: HTMLMediaElement): void;
}

const made = vi.hoisted(() => [] as Loading[]);

vi.mock('hls.js/source', async (original) => {
  const real = await original<typeof import('hls.js/source')>();
  class Watched extends real.default {
    constructor(config?: ConstructorParameters<typeof real.default>[0]) {
      super(config);
      made.push(this as unknown as Loading);
    }
    override loadSource(): void {}
    override attachMedia(): void {}
  }
  return { ...real, default: Watched };
});

function ahead(bitrate: number): number {
  const engine = new HlsEngine(document.createElement('video'));
  engine.load({
    grant: {
      sid: 's',
      manifest_url: 'https://acme.lms.example/media/t/x/master.m3u8',
      poster_url: null,
      expires_at: '2026-11-29T10:10:00Z',
      renew_at: '2026-11-29T10:05:00Z',
      kind: 'cookie',
      query: null,
    },
    startAt: 0,
  });
  const seconds = made.at(-1)?.streamController.getMaxBufferLength(bitrate) ?? 0;
  engine.destroy();
  return seconds;
}

describe('what is loaded ahead', () => {
  afterEach(() => {
    made.length = 0;
  });

  it('is half a minute of a large rendition, and no more', () => {
    expect(ahead(5_000_000)).toBe(30);
    expect(ahead(20_000_000)).toBe(30);
  });

  it('is a minute of a small one, where that costs little', () => {
    expect(ahead(800_000)).toBe(60);
    expect(ahead(64_000)).toBe(60);
  });

  it('is at most twelve megabytes below the rate at which half a minute is more', () => {
    for (const bitrate of [64_000, 800_000, 1_600_000, 2_800_000, 3_200_000]) {
      expect((ahead(bitrate) * bitrate) / 8, `${bitrate}`).toBeLessThanOrEqual(12_000_000);
    }
  });
});
