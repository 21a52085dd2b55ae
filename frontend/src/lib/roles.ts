import { t } from '@lingui/core/macro';
import type { Role } from '@/api/types';

/** Roles from most to least reach. */
export const ROLES: readonly Role[] = ['owner', 'admin', 'author', 'instructor', 'learner'];

export function roleName(role: string): string {
  switch (role) {
    case 'owner':
      return t`Owner`;
    case 'admin':
      return t`Admin`;
    case 'author':
      return t`Author`;
    case 'instructor':
      return t`Instructor`;
    case 'learner':
      return t`Learner`;
    default:
      return role;
  }
}

/** What a role is for, in one line. */
export function roleDetail(role: Role): string {
  switch (role) {
    case 'owner':
      return t`Everything, and may make other owners.`;
    case 'admin':
      return t`Everything in the studio: courses, people, brand.`;
    case 'author':
      return t`Makes and publishes courses, uploads video.`;
    case 'instructor':
      return t`Teaches: sees courses and how their learners do.`;
    case 'learner':
      return t`Learns. Sees nothing of the studio.`;
  }
}

/** What a role means for the one who is invited to it. */
export function roleWelcome(role: Role): string {
  switch (role) {
    case 'owner':
      return t`You run everything, and may make other owners.`;
    case 'admin':
      return t`You run the studio: courses, people, brand.`;
    case 'author':
      return t`You make and publish courses.`;
    case 'instructor':
      return t`You teach, and see how your learners do.`;
    case 'learner':
      return t`You take courses at your own pace.`;
  }
}

/** The role that says most about someone who holds several. */
export function mainRole(roles: readonly string[]): string {
  return ROLES.find((role) => roles.includes(role)) ?? roles[0] ?? 'learner';
}
