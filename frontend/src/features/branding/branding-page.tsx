import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Check, CloudOff, History, Redo2, TriangleAlert, Undo2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Failure, Forbidden } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { useCan } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { cx } from '@/ui/cx';
import { Icon } from '@/ui/icon';
import { IconButton } from '@/ui/icon-button';
import { Notice } from '@/ui/notice';
import { PageBar, PageBody } from '@/ui/page';
import { Segmented } from '@/ui/segmented';
import { Skeleton } from '@/ui/skeleton';
import { toast } from '@/ui/toast';
import { type BrandAnswer, brandQuery } from './api';
import { ColourPanel } from './colour-panel';
import { ConflictDialog, PublishDialog, VersionsDialog } from './dialogs';
import { changes, draftOf } from './draft';
import { FontPanel } from './font-panel';
import { Preview } from './preview';
import { type SaveState, useBrandDraft } from './use-brand-draft';
import { LogoPanel, MailPanel, WelcomePanel } from './words-panel';

/** The look of the organization: edited on the left, seen on its own pages on the right, published when it is right. */
export function BrandingPage() {
  usePageTitle(t`Branding`);
  const may = useCan('brand.manage');
  const { data, error, refetch } = useQuery({ ...brandQuery, enabled: may });
  if (data) return <Editor first={data} />;
  return (
    <>
      <PageBar title={<Trans>Branding</Trans>} />
      <PageBody>
        {!may ? (
          <Forbidden compact />
        ) : error ? (
          <Failure compact error={error} onRetry={() => void refetch()} />
        ) : (
          <div role="status" aria-busy="true" aria-label={t`Loading`} className="appear-late grid gap-6 lg:grid-cols-[360px_1fr]">
            <div className="grid content-start gap-6">
              <Skeleton className="h-10" />
              <Skeleton className="h-44" />
              <Skeleton className="h-40" />
            </div>
            <Skeleton className="h-[420px]" />
          </div>
        )}
      </PageBody>
    </>
  );
}

function Editor({ first }: { first: BrandAnswer }) {
  const client = useQueryClient();
  const brand = useBrandDraft(first);
  const { answer, draft, state, undo, redo } = brand;
  const [dialog, setDialog] = useState<'publish' | 'versions' | null>(null);
  const [view, setView] = useState<'edit' | 'preview'>('edit');
  const fontName = (key: string) => answer.heading_fonts.find((font) => font.key === key)?.name ?? key;
  const different = changes(draftOf(answer.published), draft, fontName);

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.matches('input:not([type=color],[type=file]), textarea');
      if (!(event.metaKey || event.ctrlKey) || event.key.toLowerCase() !== 'z' || typing) return;
      event.preventDefault();
      (event.shiftKey ? redo : undo)?.();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [redo, undo]);

  const theirs = () => client.fetchQuery({ ...brandQuery, staleTime: 0 });
  const discard = () =>
    void brand.discard().then((done) => {
      if (done) toast(t`Draft discarded. Undo brings it back.`);
    });
  return (
    <div className="flex min-h-dvh flex-col lg:h-dvh">
      <PageBar
        title={<Trans>Branding</Trans>}
        actions={
          <>
            <SaveStatus state={state} />
            <IconButton icon={Undo2} label={t`Undo`} shortcut="Ctrl Z" aria-disabled={!undo} className="max-sm:hidden aria-disabled:opacity-40" onClick={() => undo?.()} />
            <IconButton icon={Redo2} label={t`Redo`} shortcut="Ctrl Shift Z" aria-disabled={!redo} className="max-sm:hidden aria-disabled:opacity-40" onClick={() => redo?.()} />
            <IconButton icon={History} label={t`Earlier looks`} onClick={() => setDialog('versions')} />
            {different.length > 0 ? (
              <Button className="max-sm:hidden" onClick={discard}>
                <Trans>Discard</Trans>
              </Button>
            ) : null}
            {different.length > 0 ? (
              <Button variant="primary" onClick={() => setDialog('publish')}>
                <Trans>Publish brand</Trans>
              </Button>
            ) : null}
          </>
        }
      />
      <div className="border-b border-line px-4 py-2.5 lg:hidden">
        <Segmented
          label={t`View`}
          value={view}
          onChange={setView}
          options={[
            { value: 'edit', label: <Trans>Edit</Trans> },
            { value: 'preview', label: <Trans>Preview</Trans> },
          ]}
        />
      </div>
      <div className="min-h-0 flex-1 lg:grid lg:grid-cols-[minmax(380px,420px)_minmax(0,1fr)]">
        <div
          className={cx(
            'grid content-start gap-10 border-line px-4 pt-5 pb-24 md:px-8 md:pt-6 lg:overflow-y-auto lg:border-e lg:pb-12',
            view === 'preview' && 'max-lg:hidden',
          )}
        >
          {state.kind === 'refused' && Object.keys(brand.errors).length === 0 ? (
            <Notice tone="danger" live title={<Trans>The draft was not saved.</Trans>}>
              {state.detail}
            </Notice>
          ) : null}
          <ColourPanel color={draft.color} error={brand.errors['color']} onChange={(color) => brand.change({ color })} />
          <FontPanel
            fonts={answer.heading_fonts}
            value={draft.heading_font}
            onChange={(key) => brand.change({ heading_font: key as typeof draft.heading_font })}
          />
          <LogoPanel {...brand} />
          <WelcomePanel {...brand} />
          <MailPanel {...brand} />
          {different.length > 0 ? (
            <Button className="sm:hidden" wide onClick={discard}>
              <Trans>Discard</Trans>
            </Button>
          ) : null}
        </div>
        <section
          aria-label={t`Preview`}
          tabIndex={-1}
          className={cx('min-h-0 bg-sunken px-4 pt-5 pb-24 md:px-8 lg:overflow-y-auto lg:pb-10', view === 'edit' && 'max-lg:hidden')}
        >
          <Preview draft={draft} revision={answer.revision} />
        </section>
      </div>
      <PublishDialog
        open={dialog === 'publish'}
        changes={different}
        onClose={() => setDialog(null)}
        onPublish={() =>
          brand.publish().then((done) => {
            if (done) toast(t`Published`);
            return done;
          })
        }
      />
      {dialog === 'versions' ? (
        <VersionsDialog
          fontName={fontName}
          onClose={() => setDialog(null)}
          onRestore={(version) => {
            setDialog(null);
            void brand.restore(version).then((done) => {
              if (done) toast(t`Brought back as a draft`);
            });
          }}
        />
      ) : null}
      {state.kind === 'conflict' ? (
        <ConflictDialog
          onTheirs={() => void theirs().then(brand.takeTheirs)}
          onMine={() => void theirs().then(brand.keepMine)}
        />
      ) : null}
    </div>
  );
}

function SaveStatus({ state }: { state: SaveState }) {
  const said = {
    clean: { icon: null, text: t`Published` },
    waiting: { icon: null, text: t`Saving draft` },
    saving: { icon: null, text: t`Saving draft` },
    saved: { icon: Check, text: t`Draft saved` },
    offline: { icon: CloudOff, text: t`Not saved, trying again` },
    conflict: { icon: TriangleAlert, text: t`Someone else changed this` },
    refused: { icon: TriangleAlert, text: t`Draft not saved` },
  }[state.kind];
  return (
    <span role="status" className="me-1 flex items-center gap-1.5 t-xs text-text-2">
      {said.icon ? <Icon as={said.icon} className={state.kind === 'saved' ? 'text-success-mark' : 'text-warning-mark'} /> : null}
      <span className="max-sm:sr-only">{said.text}</span>
    </span>
  );
}
