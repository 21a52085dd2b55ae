import { Trans } from '@lingui/react/macro';
import { RadioGroup } from 'radix-ui';
import { useEffect } from 'react';
import type { BrandAnswer } from './api';
import { stackOf, teachFaces } from './fonts';

interface FontPanelProps {
  fonts: BrandAnswer['heading_fonts'];
  value: string;
  onChange: (key: string) => void;
}

/** Every face in its own letters. */
export function FontPanel({ fonts, value, onChange }: FontPanelProps) {
  useEffect(() => teachFaces(document), []);
  return (
    <section>
      <h2 id="brand-headings" className="mb-3 t-h4 font-sans">
        <Trans>Headings</Trans>
      </h2>
      <RadioGroup.Root aria-labelledby="brand-headings" value={value} onValueChange={onChange} className="grid grid-cols-2 gap-2 min-[360px]:grid-cols-4">
        {fonts.map((font) => (
          <RadioGroup.Item
            key={font.key}
            value={font.key}
            className="grid h-[76px] content-center justify-items-center gap-1.5 rounded-2 border border-line-2 bg-surface px-1 hover:border-control data-[state=checked]:border-brand-focus data-[state=checked]:ring-1 data-[state=checked]:ring-brand-focus"
          >
            <span aria-hidden="true" style={{ fontFamily: stackOf(font.key) }} className="text-[25px] leading-7 font-[620]">
              Ag
            </span>
            <span className="max-w-full truncate t-xxs">{font.name}</span>
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
      <p className="mt-2.5 t-xs text-text-3">
        <Trans>Body text is always Onest, so lessons keep their measure.</Trans>
      </p>
    </section>
  );
}
