import { normalise, type Span } from './ranges';

/** One stretch of playback at one speed, in whole seconds of the timeline. */
export type PlayedSpan = readonly [from: number, to: number, speed: number];

interface OpenStretch {
  from: number;
  to: number;
  speed: number;
}

/** A stretch may outrun the clock by this much before it counts as a jump: timers are late, media time is not. */
const JUMP_SLACK_SECONDS = 1.5;

/**
 * Turns what the media element reports into the seconds that were really played.
 *
 * Positions are cut at whole seconds by rounding, at both ends alike: a second belongs to the stretch that played
 * the larger part of it, and a flush in the middle of playback neither loses nor repeats one. Media time that moved
 * faster than the clock allows is a jump and is never credited.
 */
export class WatchTracker {
  #open: OpenStretch | null = null;
  #closed: PlayedSpan[] = [];
  #lastTickMs = 0;

  /** Playback is at `time` (seconds) while running at `speed`. Call on every timeupdate; `nowMs` is monotonic. */
  tick(time: number, speed: number, nowMs: number): void {
    const open = this.#open;
    const elapsed = (nowMs - this.#lastTickMs) / 1000;
    this.#lastTickMs = nowMs;
    if (open && open.speed === speed) {
      const moved = time - open.to;
      if (moved >= 0 && moved <= elapsed * speed + JUMP_SLACK_SECONDS) {
        open.to = time;
        return;
      }
    }
    if (open && open.speed !== speed && time >= open.to && time - open.to <= elapsed * Math.max(speed, open.speed) + JUMP_SLACK_SECONDS) {
      open.to = time;
    }
    this.stop();
    this.#open = { from: time, to: time, speed };
  }

  /** Playback paused, stalled, ended or is about to jump: the stretch ends where it was last seen. */
  stop(time?: number): void {
    const open = this.#open;
    this.#open = null;
    if (!open) return;
    if (time !== undefined && time > open.to && time - open.to <= JUMP_SLACK_SECONDS) open.to = time;
    this.#close(open.from, open.to, open.speed);
  }

  /** What was played since the last call, oldest first. A running stretch goes on from the cut. */
  take(): PlayedSpan[] {
    const open = this.#open;
    if (open) {
      const cut = Math.round(open.to);
      if (cut > Math.round(open.from)) {
        this.#close(open.from, cut, open.speed);
        // The cut may lie up to half a second ahead of the position; that half second is counted already.
        open.from = cut;
      }
    }
    const taken = this.#closed;
    this.#closed = [];
    return taken;
  }

  /** Seconds played and not yet taken, for drawing the map without waiting for the server. */
  pending(): Span[] {
    const spans: Span[] = this.#closed.map(([from, to]) => [from, to]);
    if (this.#open) spans.push([Math.round(this.#open.from), Math.round(this.#open.to)]);
    return normalise(spans);
  }

  #close(from: number, to: number, speed: number): void {
    const start = Math.max(0, Math.round(from));
    const end = Math.round(to);
    if (end <= start) return;
    const last = this.#closed.at(-1);
    if (last && last[1] === start && last[2] === speed) this.#closed[this.#closed.length - 1] = [last[0], end, speed];
    else this.#closed.push([start, end, speed]);
  }
}
