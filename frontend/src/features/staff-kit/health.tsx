import { t } from '@lingui/core/macro';
import type { StatusTone } from '@/ui/status';
import { Status } from '@/ui/status';

/** From 100 (nothing to look at) down; two thresholds that the server's words go with. */
export function healthTone(score: number): StatusTone {
  if (score >= 80) return 'fine';
  return score >= 50 ? 'look' : 'failed';
}

/** The server's words, with the shape of their weight. */
export function Health({ score, words }: { score: number; words: string }) {
  return <Status tone={healthTone(score)} className="whitespace-normal!">{words || t`Fine`}</Status>;
}
