import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import type { StaffRole } from '@/api/staff';
import { staffRoleWord } from '@/features/staff-kit/words';
import { Checkbox } from '@/ui/checkbox';
import { ROLES } from './api';

function detail(role: StaffRole): string {
  switch (role) {
    case 'support':
      return t`Sees organizations and their people, takes notes, opens support access.`;
    case 'operations':
      return t`All that support may, and suspends, exports, restores, retries; flags, announcements, staff accounts, audit.`;
    case 'finance':
      return t`Sees organizations without their people; plans, billing and audit.`;
  }
}

/** The three roles; several may be held at once. */
export function RoleBoxes({ roles, onChange, problem }: { roles: readonly StaffRole[]; onChange: (roles: StaffRole[]) => void; problem: string | null }) {
  return (
    <fieldset className="grid gap-2.5">
      <legend className="mb-2 font-[540]">
        <Trans>Roles</Trans>
      </legend>
      {ROLES.map((role) => (
        <Checkbox
          key={role}
          checked={roles.includes(role)}
          onChange={(on) => onChange(ROLES.filter((one) => (one === role ? on : roles.includes(one))))}
          label={staffRoleWord(role)}
          hint={detail(role)}
        />
      ))}
      {problem ? (
        <p role="alert" className="t-xs text-danger-text">
          {problem}
        </p>
      ) : null}
    </fieldset>
  );
}
