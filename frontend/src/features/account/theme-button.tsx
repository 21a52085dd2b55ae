import { t } from '@lingui/core/macro';
import { Monitor, Moon, Sun } from 'lucide-react';
import type { ButtonHTMLAttributes, Ref } from 'react';
import { useSchemeChoice } from '@/theme/color-scheme';
import { Icon } from '@/ui/icon';

const ICONS = { light: Sun, dark: Moon, system: Monitor };

/** Shows the choice that holds now. */
export function ThemeButton({ ref, ...rest }: ButtonHTMLAttributes<HTMLButtonElement> & { ref?: Ref<HTMLButtonElement> }) {
  const choice = useSchemeChoice();
  return (
    <button ref={ref} type="button" {...rest} className="flex items-center gap-2 rounded-2 hover:text-text pointer-coarse:min-h-11">
      <Icon as={ICONS[choice]} />
      {t`Appearance`}
    </button>
  );
}
