import { Trans } from '@lingui/react/macro';
import { Checkbox } from '@/ui/checkbox';
import { type PartKey, PARTS, partWord } from './model';

/** Which parts of the product it is about. */
export function PartsField({ value, onChange, error }: { value: readonly PartKey[]; onChange: (parts: PartKey[]) => void; error?: string | undefined }) {
  return (
    <fieldset>
      <legend className="mb-2 font-[540]">
        <Trans>What it is about</Trans>
      </legend>
      <div className="flex flex-wrap gap-x-6 gap-y-2">
        {PARTS.map((key) => (
          <Checkbox key={key} checked={value.includes(key)} onChange={(on) => onChange(PARTS.filter((one) => (one === key ? on : value.includes(one))))} label={partWord(key)} />
        ))}
      </div>
      {error ? (
        <p role="alert" className="mt-1.5 t-xs text-danger-text">
          {error}
        </p>
      ) : null}
    </fieldset>
  );
}
