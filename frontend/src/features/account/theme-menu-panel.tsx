import { Menu } from '@/ui/menu';
import { ThemeButton } from './theme-button';
import { ThemeChoices } from './theme-choices';

export function ThemeMenuPanel() {
  return (
    <Menu side="top" width={180} trigger={<ThemeButton />}>
      <ThemeChoices />
    </Menu>
  );
}
