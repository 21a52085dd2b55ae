import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Captions } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { Radio } from '@/ui/radio';
import { Slider } from '@/ui/slider';
import { Status } from '@/ui/status';
import { Switch } from '@/ui/switch';
import { assetQuery } from './api';
import { useBuilder } from './builder-context';
import type { Completion, DraftNode } from './model';
import type { Patch } from './save-queue';

interface InspectorProps {
  node: DraftNode;
  assetId: string | null;
  mayEdit: boolean;
  onChange: (config: NonNullable<Patch['config']>) => void;
  /** The captions of the film may have changed. */
  onCaptions: (asset: string) => void;
}

const DEFAULT_PERMILLE = 900;

/** What a lesson asks of learners, and what its film has. */
export function Inspector({ node, assetId, mayEdit, onChange, onCaptions }: InspectorProps) {
  const completion: Completion = node.config?.completion ?? { rule: 'viewed' };
  // The server decides a rule nobody chose only with the next save; until then it follows what the lesson now holds.
  const shown: Completion =
    node.config?.automatic !== false || (completion.rule === 'watched' && !assetId)
      ? assetId
        ? { rule: 'watched', permille: completion.rule === 'watched' ? completion.permille : DEFAULT_PERMILLE }
        : { rule: 'viewed' }
      : completion;
  const choose = (rule: Completion['rule']) => {
    onChange({ completion: rule === 'watched' ? { rule, permille: shown.rule === 'watched' ? shown.permille : DEFAULT_PERMILLE } : { rule } });
  };
  return (
    <aside aria-label={t`Settings of the lesson`} className="border-t border-line px-4 py-6 sm:px-8 lg:px-14 xl:border-s xl:border-t-0 xl:px-5">
      <div className="grid max-w-[560px] gap-7 xl:sticky xl:top-6">
        <h2 className="t-h4">
          <Trans>Lesson settings</Trans>
        </h2>
        <fieldset disabled={!mayEdit} className="grid gap-4">
          <Radio
            label={<Trans>Complete when</Trans>}
            value={shown.rule}
            onChange={choose}
            options={[
              {
                value: 'watched',
                label: <Trans>The video is watched</Trans>,
                disabled: !assetId || !mayEdit,
                ...(assetId ? {} : { detail: <Trans>Once the lesson has a video</Trans> }),
              },
              { value: 'viewed', label: <Trans>The lesson was opened</Trans>, disabled: !mayEdit },
              { value: 'manual', label: <Trans>Learners mark it done</Trans>, disabled: !mayEdit },
            ]}
          />
          {shown.rule === 'watched' && mayEdit ? (
            <WatchedShare key={node.item} permille={shown.permille} onCommit={(permille) => onChange({ completion: { rule: 'watched', permille } })} />
          ) : shown.rule === 'watched' ? (
            <p className="t-xs text-text-3">{t`At ${shown.permille / 10} % watched`}</p>
          ) : null}
        </fieldset>
        <Switch
          row
          label={<Trans>Required</Trans>}
          hint={<Trans>Counts for completing the course</Trans>}
          checked={node.config?.required ?? true}
          disabled={!mayEdit}
          onChange={(required) => onChange({ required })}
        />
        {assetId ? <CaptionsPart assetId={assetId} onChanged={() => onCaptions(assetId)} /> : null}
      </div>
    </aside>
  );
}

function WatchedShare({ permille, onCommit }: { permille: number; onCommit: (permille: number) => void }) {
  const [percent, setPercent] = useState<number | null>(null);
  return (
    <div>
      <Slider
        label={t`Counts as complete at`}
        min={10}
        max={100}
        step={5}
        value={percent ?? Math.round(permille / 10)}
        onChange={setPercent}
        onCommit={(value) => {
          onCommit(value * 10);
          setPercent(null);
        }}
        format={(value) => `${value}\u00a0%`}
      />
      <p className="mt-1 t-xs text-text-3">
        <Trans>Seconds count once, at any speed.</Trans>
      </p>
    </div>
  );
}

function CaptionsPart({ assetId, onChanged }: { assetId: string; onChanged: () => void }) {
  const { outside } = useBuilder();
  const mayEdit = useCan('library.edit');
  const film = useQuery(assetQuery(assetId)).data;
  const [open, setOpen] = useState(false);
  if (!film) return null;
  const read = film.duration_ms !== null;
  return (
    <section className="grid gap-2">
      <h3 className="text-[0.94em] font-[540]">
        <Trans>Captions</Trans>
      </h3>
      {film.captions.length === 0 ? (
        <p className="t-xs text-text-3">{read ? <Trans>None yet. They also make the transcript.</Trans> : <Trans>They can be added once the film has been read.</Trans>}</p>
      ) : (
        <ul>
          {film.captions.map((track) => (
            <li key={track.language} className="flex items-center justify-between border-b border-line py-2">
              <span>{track.label ?? track.language}</span>
              <Status tone="fine" className="t-xs text-text-2">
                {track.is_default ? t`On by default` : t`Ready`}
              </Status>
            </li>
          ))}
        </ul>
      )}
      {mayEdit && read ? (
        <Button size="sm" icon={<Icon as={Captions} />} onClick={() => setOpen(true)}>
          {film.captions.length === 0 ? <Trans>Add captions…</Trans> : <Trans>Edit captions…</Trans>}
        </Button>
      ) : null}
      {open
        ? outside.captions(film, () => {
            setOpen(false);
            onChanged();
          })
        : null}
    </section>
  );
}
