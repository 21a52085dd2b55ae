import { Trans } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { videoOf, wordsOf } from './body';
import { useBuilder } from './builder-context';
import type { Completion } from './model';
import type { Conflict } from './save-queue';

/** Two people wrote one lesson. Both versions side by side, and a decision; nothing is lost before it. */
export function ConflictDialog({ conflict }: { conflict: Conflict }) {
  const { queue } = useBuilder();
  const { item, current, yours } = conflict;
  const decide = (keep: 'mine' | 'theirs') => queue.resolve(item, keep);
  return (
    <Dialog
      open
      sticky
      alert
      size="lg"
      onOpenChange={() => undefined}
      title={<Trans>Someone else saved “{current.title}” while you wrote</Trans>}
      description={<Trans>Choose what stays. What you did not touch stays as they left it, either way.</Trans>}
      actions={
        <>
          <Button onClick={() => decide('theirs')}>
            <Trans>Take theirs</Trans>
          </Button>
          <Button variant="primary" onClick={() => decide('mine')}>
            <Trans>Keep mine</Trans>
          </Button>
        </>
      }
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <Side title={<Trans>Yours</Trans>}>
          {yours.title === undefined ? null : <Line name={<Trans>Title</Trans>}>{yours.title}</Line>}
          {yours.body === undefined ? null : <Text words={wordsOf(yours.body)} video={videoOf(yours.body) !== null} />}
          {yours.config?.completion === undefined ? null : <Line name={<Trans>Complete when</Trans>}>{ruleWords(yours.config.completion)}</Line>}
          {yours.config?.required === undefined ? null : <Line name={<Trans>Required</Trans>}>{yours.config.required ? <Trans>Yes</Trans> : <Trans>No</Trans>}</Line>}
        </Side>
        <Side title={<Trans>Theirs</Trans>}>
          {yours.title === undefined ? null : <Line name={<Trans>Title</Trans>}>{current.title}</Line>}
          {yours.body === undefined ? null : <Text words={wordsOf(current.body)} video={videoOf(current.body) !== null} />}
          {yours.config?.completion === undefined ? null : <Line name={<Trans>Complete when</Trans>}>{ruleWords(current.config?.completion ?? null)}</Line>}
          {yours.config?.required === undefined ? null : <Line name={<Trans>Required</Trans>}>{current.config?.required ? <Trans>Yes</Trans> : <Trans>No</Trans>}</Line>}
        </Side>
      </div>
    </Dialog>
  );
}

function ruleWords(rule: Completion | null): ReactNode {
  if (rule === null) return <Trans>By what it holds</Trans>;
  if (rule.rule === 'watched') return <Trans>{rule.permille / 10} % watched</Trans>;
  return rule.rule === 'viewed' ? <Trans>Opened</Trans> : <Trans>Marked done</Trans>;
}

function Side({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <section className="min-w-0 rounded-3 border border-line p-4">
      <h3 className="font-semibold">{title}</h3>
      <div className="mt-2 grid gap-2">{children}</div>
    </section>
  );
}

function Line({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <p className="min-w-0 wrap-anywhere">
      <span className="block t-xs text-text-3">{name}</span>
      {children}
    </p>
  );
}

function Text({ words, video }: { words: string; video: boolean }) {
  return (
    <div className="min-w-0">
      <p className="t-xs text-text-3">{video ? <Trans>Video and text</Trans> : <Trans>Text</Trans>}</p>
      {/* Long texts scroll; a keyboard must reach them. */}
      <div tabIndex={0} role="group" className="max-h-[220px] overflow-y-auto whitespace-pre-line wrap-anywhere">
        {words || <Trans>No words</Trans>}
      </div>
    </div>
  );
}
