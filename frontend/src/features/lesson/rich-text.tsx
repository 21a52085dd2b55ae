import { renderedByServer } from '@/lib/trusted-types';
import { cx } from '@/ui/cx';
import './rich-text.css';

/**
 * The one place where HTML of a lesson enters a page. The server renders it from the author's document with a short
 * list of tags and sanitises the result; the policy lets no script of a page run either. Nothing else may hand
 * HTML to React.
 */
export function RichText({ html, className }: { html: string; className?: string }) {
  // oxlint-disable-next-line react/no-danger
  return <div className={cx('rich-text', className)} dangerouslySetInnerHTML={{ __html: renderedByServer(html) }} />;
}
