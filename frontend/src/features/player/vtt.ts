/** One caption: seconds of the timeline and its plain text, lines kept. */
export interface Cue {
  start: number;
  end: number;
  text: string;
}

const ARROW = /^(\S+)\s+-->\s+(\S+)/;
const CLOCK = /^(?:(\d{1,4}):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})$/;

/** "01:02:03.456" or "02:03.456" as seconds; null when it is not a time. */
export function parseClock(text: string): number | null {
  const match = CLOCK.exec(text);
  if (!match) return null;
  const [, hours = '0', minutes, seconds, fraction] = match;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) + Number(fraction!.padEnd(3, '0')) / 1000;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', nbsp: ' ', lrm: '‎', rlm: '‏', quot: '"', apos: "'" };

/** Cue payload without tags: `<v Ann>Hi &amp; bye</v>` becomes `Hi & bye`. We draw text, never markup. */
export function cueText(payload: string): string {
  return payload
    .replace(/<[^>]*>/g, '')
    .replace(/&(#x?[0-9a-f]+|[a-z]+);/gi, (whole, name: string) => {
      if (name.startsWith('#')) {
        const code = name[1]?.toLowerCase() === 'x' ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
        return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
      }
      return ENTITIES[name.toLowerCase()] ?? whole;
    })
    .trim();
}

/**
 * The cues of a WebVTT (or SRT) file in order of time. Anything that is not a cue, and a cue that makes no sense
 * (no text, end before start), is left out: captions with a fault are still worth showing.
 */
export function parseVtt(source: string): Cue[] {
  const cues: Cue[] = [];
  const blocks = source.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n').split(/\n{2,}/);
  for (const block of blocks) {
    const lines = block.split('\n');
    const at = lines.findIndex((line) => ARROW.test(line.trim()));
    if (at < 0 || at > 1) continue;
    const match = ARROW.exec(lines[at]!.trim())!;
    const start = parseClock(match[1]!);
    const end = parseClock(match[2]!);
    const text = cueText(lines.slice(at + 1).join('\n'));
    if (start === null || end === null || end <= start || text === '') continue;
    cues.push({ start, end, text });
  }
  return cues.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Index of the cue that the transcript marks at `time`: the last that has begun; -1 before the first. */
export function currentCueIndex(cues: readonly Cue[], time: number): number {
  let low = 0;
  let high = cues.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cues[middle]!.start <= time + 0.001) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The captions on screen at `time`. Overlapping cues are both shown, earlier first. */
export function cuesAt(cues: readonly Cue[], time: number): Cue[] {
  const last = currentCueIndex(cues, time);
  const shown: Cue[] = [];
  // Cues rarely overlap by more than a few neighbours; looking back eight keeps this constant.
  for (let index = Math.max(0, last - 8); index <= last; index += 1) {
    const cue = cues[index]!;
    if (cue.end > time) shown.push(cue);
  }
  return shown;
}
