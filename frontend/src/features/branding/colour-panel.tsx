import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Pipette } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { contrast, type Mode, neutrals, type Neutrals, roles, type Roles, toOklch } from '@/theme/palette';
import { Field } from '@/ui/field';
import { IconButton } from '@/ui/icon-button';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { isColor } from './draft';

interface ColourPanelProps {
  color: string;
  error: string | undefined;
  onChange: (color: string) => void;
}

interface Eyedropper {
  open: () => Promise<{ sRGBHex: string }>;
}

/** The colour, and what becomes of it: nobody is refused a colour, everybody is told where another one is used. */
export function ColourPanel({ color, error, onChange }: ColourPanelProps) {
  // What is typed on the way to a colour is none yet.
  const [typed, setTyped] = useState(color.toUpperCase());
  useEffect(() => setTyped((now) => (now.toLowerCase() === color ? now : color.toUpperCase())), [color]);
  const take = (text: string) => {
    const hex = text.trim().startsWith('#') ? text.trim() : `#${text.trim()}`;
    setTyped(hex.toUpperCase());
    if (isColor(hex)) onChange(hex.toLowerCase());
  };
  const Dropper = (window as unknown as { EyeDropper?: new () => Eyedropper }).EyeDropper;
  const wrong = typed !== '' && !isColor(typed);
  return (
    <section aria-labelledby="brand-colour">
      <h2 id="brand-colour" className="mb-3 t-h4 font-sans">
        <Trans>Colour</Trans>
      </h2>
      <div className="flex items-start gap-3">
        <input
          type="color"
          aria-label={t`Pick a colour`}
          value={color}
          onChange={(event) => take(event.currentTarget.value)}
          className="size-(--ctl) flex-none cursor-pointer appearance-none rounded-2 border border-line-2 bg-surface p-0 pointer-coarse:size-11 [&::-webkit-color-swatch]:rounded-[7px] [&::-webkit-color-swatch]:border-0 [&::-webkit-color-swatch-wrapper]:p-0"
        />
        <Field
          label={<span className="sr-only">{t`Colour as a hex value`}</span>}
          error={wrong ? t`Give # and six digits, such as #0B5D3B.` : error}
          className="min-w-0 flex-1 gap-0! [&>div]:h-0"
        >
          <Input
            value={typed}
            maxLength={9}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => take(event.currentTarget.value)}
            onBlur={() => wrong && setTyped(color.toUpperCase())}
            className="mono pointer-coarse:h-11"
            end={
              Dropper ? (
                <IconButton
                  size="sm"
                  icon={Pipette}
                  label={t`Pick from the screen`}
                  className="-me-2"
                  onClick={() => {
                    void new Dropper().open().then(
                      (found) => take(found.sRGBHex),
                      () => undefined, // Escape
                    );
                  }}
                />
              ) : null
            }
          />
        </Field>
      </div>
      <UsedColours color={color} />
    </section>
  );
}

interface Solved {
  greys: Neutrals;
  own: Roles;
}

function solve(color: string, mode: Mode): Solved {
  const degrees = ((toOklch(color)[2] * 180) / Math.PI + 360) % 360;
  const greys = neutrals(degrees, mode);
  return { greys, own: roles(color, greys, mode) };
}

const worst = (hex: string, { canvas, surface, raised, sunken, hover }: Neutrals) =>
  Math.min(...[canvas, surface, raised, sunken, hover].map((ground) => contrast(hex, ground)));

function UsedColours({ color }: { color: string }) {
  const modes = useMemo(() => ({ light: solve(color, 'light'), dark: solve(color, 'dark') }), [color]);
  const rows = [
    { label: t`Buttons`, of: ({ own }: Solved) => ({ hex: own.solid, ink: own.on, ratio: contrast(own.on, own.solid) }) },
    { label: t`Links`, of: ({ own, greys }: Solved) => ({ hex: own.text, ink: null, ratio: worst(own.text, greys) }) },
    { label: t`Edges`, of: ({ own, greys }: Solved) => ({ hex: own.edge, ink: null, ratio: worst(own.edge, greys) }) },
    { label: t`Selection`, of: ({ own }: Solved) => ({ hex: own.soft, ink: own['soft-text'], ratio: contrast(own['soft-text'], own.soft) }) },
  ];
  return (
    <>
      <table className="mt-3 w-full border-collapse t-xs">
        <thead>
          <tr className="border-b border-line-2 text-start text-text-3">
            <th scope="col" className="h-8 text-start font-medium">
              <Trans>What we use</Trans>
            </th>
            <th scope="col" className="text-start font-medium">
              <Trans>Light</Trans>
            </th>
            <th scope="col" className="text-start font-medium">
              <Trans>Dark</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ label, of }) => (
            <tr key={label} className="border-b border-line">
              <th scope="row" className="h-10 text-start font-normal text-text">
                {label}
              </th>
              <td>
                <Swatch {...of(modes.light)} />
              </td>
              <td>
                <Swatch {...of(modes.dark)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Notice className="mt-3.5 t-xs">
        <Explained color={color} light={modes.light.own} dark={modes.dark.own} />
      </Notice>
    </>
  );
}

function Swatch({ hex, ink, ratio }: { hex: string; ink: string | null; ratio: number }) {
  const figure = (Math.floor(ratio * 10) / 10).toFixed(1);
  return (
    <span className="flex items-center gap-2">
      <span
        aria-hidden="true"
        style={{ background: hex, color: ink ?? undefined }}
        className="grid h-6 w-7 flex-none place-items-center rounded-1 border border-line-2 text-[11px] leading-none font-[640]"
      >
        {ink ? 'Aa' : null}
      </span>
      <span className="mono text-[12px] text-text">{hex.toUpperCase()}</span>
      <span className="text-text-3 tabular-nums max-sm:hidden" title={t`Contrast ${figure} to 1`}>
        {figure}
      </span>
    </span>
  );
}

/** In words, what the figures mean for this colour. */
function Explained({ color, light, dark }: { color: string; light: Roles; dark: Roles }) {
  const kept = light.solid === color;
  const label = light.on === '#ffffff' ? t`white` : t`dark`;
  const [solid, text, night] = [light.solid.toUpperCase(), light.text.toUpperCase(), dark.solid.toUpperCase()];
  return (
    <>
      {kept && light.edge !== light.solid ? (
        <Trans>Your colour stays as it is on buttons, with {label} text and a thin edge.</Trans>
      ) : kept ? (
        <Trans>Your colour stays as it is on buttons, with {label} text.</Trans>
      ) : (
        <Trans>No label can be read on your colour, so buttons use {solid}, the nearest that works.</Trans>
      )}{' '}
      {light.text === color ? (
        <Trans>Links use it too.</Trans>
      ) : (
        <Trans>As text on white it would be hard to read, so links use {text}.</Trans>
      )}{' '}
      {dark.solid === light.solid ? null : <Trans>In the dark it would sink into the page; buttons there use {night}.</Trans>}
    </>
  );
}
