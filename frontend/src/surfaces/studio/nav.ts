import { t } from '@lingui/core/macro';
import { BookOpen, Film, House, type LucideIcon, Palette, Settings, Users } from 'lucide-react';

export interface StudioPlace {
  to: string;
  icon: LucideIcon;
  label: () => string;
  /** What one must be allowed to see to have any use for it. */
  permission: string | null;
  /** Only the start itself matches its address exactly. */
  exact?: boolean;
}

/** The studio's places, in the order of the navigation. */
export const PLACES: readonly StudioPlace[] = [
  { to: '/studio', icon: House, label: () => t`Home`, permission: null, exact: true },
  { to: '/studio/courses', icon: BookOpen, label: () => t`Courses`, permission: 'courses.view' },
  { to: '/studio/media', icon: Film, label: () => t`Media`, permission: 'library.view' },
  { to: '/studio/people', icon: Users, label: () => t`People`, permission: 'people.view' },
  { to: '/studio/branding', icon: Palette, label: () => t`Branding`, permission: 'brand.manage' },
  { to: '/studio/settings', icon: Settings, label: () => t`Settings`, permission: 'organization.view' },
];
