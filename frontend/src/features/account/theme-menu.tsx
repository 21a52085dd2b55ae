import { t } from '@lingui/core/macro';
import { Monitor, Moon, Sun } from 'lucide-react';
import { choose, type SchemeChoice, useSchemeChoice } from '@/theme/color-scheme';
import { Icon } from '@/ui/icon';
import { Menu, MenuChoices } from '@/ui/menu';

const ICONS = { light: Sun, dark: Moon, system: Monitor };

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

/** A quiet button that opens the choice, where there is no account menu to hold it. */
export function ThemeMenu() {
  const choice = useSchemeChoice();
  return (
    <Menu
      side="top"
      width={180}
      trigger={
        <button type="button" className="flex items-center gap-2 rounded-2 hover:text-text pointer-coarse:min-h-11">
          <Icon as={ICONS[choice]} />
          {t`Appearance`}
        </button>
      }
    >
      <ThemeChoices />
    </Menu>
  );
}
