import { t } from '@lingui/core/macro';
import { choose, type SchemeChoice, useSchemeChoice } from '@/theme/color-scheme';
import { MenuChoices } from '@/ui/menu';

const words = (): Record<SchemeChoice, string> => ({ light: t`Light`, dark: t`Dark`, system: t`Like the device` });

/** The rows of the choice, for a menu that already exists. */
export function ThemeChoices() {
  const choice = useSchemeChoice();
  const names = words();
  return (
    <MenuChoices
      label={t`Appearance`}
      value={choice}
      onChange={choose}
      options={(['light', 'dark', 'system'] as const).map((value) => ({ value, label: names[value] }))}
    />
  );
}
