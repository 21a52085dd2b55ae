import { Link } from '@tanstack/react-router';

/** An organization's name that leads to its page. */
export function OrganizationLink({ id, name }: { id: string; name: string | null }) {
  return (
    <Link to="/organizations/$organization" params={{ organization: id }} className="rounded-1 hover:underline pointer-coarse:py-2">
      <bdi>{name || id.slice(0, 8)}</bdi>
    </Link>
  );
}
