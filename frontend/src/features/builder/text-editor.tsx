import { t } from '@lingui/core/macro';
import { EditorContent, useEditor, useEditorState, type Editor } from '@tiptap/react';
import { StarterKit } from '@tiptap/starter-kit';
import { Bold, Code, Heading2, Heading3, Italic, Link2, List, ListOrdered, type LucideIcon, Quote, SquareCode } from 'lucide-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { cx } from '@/ui/cx';
import { Icon } from '@/ui/icon';
import { Tooltip } from '@/ui/tooltip';
import type { DocNode } from './body';
import { LinkDialog } from './link-dialog';
import './text-editor.css';

interface TextEditorProps {
  /** What it begins with; later values are its own. */
  doc: DocNode;
  editable: boolean;
  label: string;
  placeholder: string;
  onChange: (doc: DocNode) => void;
}

/** What the server would drop is not made a link in the first place. */
const allowed = (url: string, { defaultValidate }: { defaultValidate: (url: string) => boolean }) =>
  defaultValidate(url) && !/^(ftps?|tel|callto|sms|cid|xmpp):/i.test(url);

const EXTENSIONS = [
  StarterKit.configure({
    // Level 1 is the lesson's title; 4 is understood where a text has it, and not offered.
    heading: { levels: [2, 3, 4] },
    trailingNode: false,
    link: { openOnClick: false, autolink: true, defaultProtocol: 'https', isAllowedUri: allowed, HTMLAttributes: { target: null, rel: null } },
  }),
];

/** Rich text. Loaded apart from the builder: it is most of what the builder weighs. */
export default function TextEditor({ doc, editable, label, placeholder, onChange }: TextEditorProps) {
  const changed = useRef(onChange);
  changed.current = onChange;
  const [linking, setLinking] = useState(false);
  const editor = useEditor({
    extensions: EXTENSIONS,
    content: doc,
    editable,
    // The policy lets no script write a style element; text-editor.css has what it would.
    injectCSS: false,
    shouldRerenderOnTransaction: false,
    editorProps: {
      handleKeyDown: (_, event) => {
        if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return false;
        event.preventDefault();
        setLinking(true);
        return true;
      },
      attributes: { role: 'textbox', 'aria-multiline': 'true', 'aria-label': label, ...(editable ? {} : { 'aria-readonly': 'true' }) },
    },
    onUpdate: ({ editor: now }) => changed.current(now.getJSON() as DocNode),
  });
  const empty = useEditorState({ editor, selector: ({ editor: now }) => now?.isEmpty ?? true });
  if (!editor) return null;
  return (
    <section className="text-editor" aria-label={label}>
      {editable ? <Toolbar editor={editor} onLink={() => setLinking(true)} /> : null}
      <div className="relative mt-3">
        {empty && editable ? (
          <p aria-hidden="true" className="pointer-events-none absolute inset-x-0 top-0 pt-1 ps-0.5 text-[16px] leading-[26px] text-text-3 sm:text-[17px] sm:leading-7">
            {placeholder}
          </p>
        ) : null}
        <EditorContent editor={editor} />
      </div>
      {linking ? (
        <LinkDialog
          href={(editor.getAttributes('link')['href'] as string | undefined) ?? ''}
          onClose={() => {
            setLinking(false);
            // After the dialog has given the focus back.
            setTimeout(() => editor.commands.focus(), 0);
          }}
          onLink={(href) => {
            const chain = editor.chain().extendMarkRange('link');
            if (href === null) chain.unsetLink().run();
            else if (editor.state.selection.empty && !editor.isActive('link')) chain.insertContent({ type: 'text', text: href, marks: [{ type: 'link', attrs: { href } }] }).run();
            else chain.setLink({ href }).run();
          }}
        />
      ) : null}
    </section>
  );
}

interface Tool {
  name: string;
  label: string;
  icon: LucideIcon;
  keys?: string;
  run: () => void;
}

/** One stop of the tab key; the arrows go from tool to tool. */
function Toolbar({ editor, onLink }: { editor: Editor; onLink: () => void }) {
  const [at, setAt] = useState(0);
  const bar = useRef<HTMLDivElement>(null);
  const active = useEditorState({
    editor,
    selector: ({ editor: now }) => ({
      h2: now.isActive('heading', { level: 2 }),
      h3: now.isActive('heading', { level: 3 }),
      bold: now.isActive('bold'),
      italic: now.isActive('italic'),
      code: now.isActive('code'),
      bullets: now.isActive('bulletList'),
      numbers: now.isActive('orderedList'),
      quote: now.isActive('blockquote'),
      block: now.isActive('codeBlock'),
      link: now.isActive('link'),
    }),
  });
  const chain = () => editor.chain().focus();
  const groups: Tool[][] = [
    [
      { name: 'h2', label: t`Heading`, icon: Heading2, keys: 'Ctrl Alt 2', run: () => chain().toggleHeading({ level: 2 }).run() },
      { name: 'h3', label: t`Smaller heading`, icon: Heading3, keys: 'Ctrl Alt 3', run: () => chain().toggleHeading({ level: 3 }).run() },
    ],
    [
      { name: 'bold', label: t`Bold`, icon: Bold, keys: 'Ctrl B', run: () => chain().toggleBold().run() },
      { name: 'italic', label: t`Italic`, icon: Italic, keys: 'Ctrl I', run: () => chain().toggleItalic().run() },
      { name: 'code', label: t`Code in a line`, icon: Code, keys: 'Ctrl E', run: () => chain().toggleCode().run() },
      { name: 'link', label: t`Link`, icon: Link2, keys: 'Ctrl K', run: onLink },
    ],
    [
      { name: 'bullets', label: t`List`, icon: List, run: () => chain().toggleBulletList().run() },
      { name: 'numbers', label: t`Numbered list`, icon: ListOrdered, run: () => chain().toggleOrderedList().run() },
      { name: 'quote', label: t`Quote`, icon: Quote, run: () => chain().toggleBlockquote().run() },
      { name: 'block', label: t`Block of code`, icon: SquareCode, run: () => chain().toggleCodeBlock().run() },
    ],
  ];
  const count = groups.flat().length;
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowRight: (at + 1) % count, ArrowLeft: (at + count - 1) % count, Home: 0, End: count - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    setAt(to);
    bar.current?.querySelectorAll('button')[to]?.focus();
  };
  let index = -1;
  return (
    <div
      ref={bar}
      role="toolbar"
      tabIndex={-1}
      aria-label={t`Formatting`}
      onKeyDown={onKeyDown}
      className="sticky top-2 z-10 -mx-1 flex w-fit max-w-full items-center gap-1 overflow-x-auto rounded-[10px] border border-line bg-raised p-1 shadow-e1"
    >
      {groups.map((tools, group) => (
        <span key={group} className={cx('flex flex-none gap-0.5', group > 0 && 'border-s border-line ps-1')}>
          {tools.map((tool) => {
            index += 1;
            const own = index;
            return (
              <Tooltip key={tool.name} label={tool.label} {...(tool.keys ? { shortcut: tool.keys } : {})}>
                <button
                  type="button"
                  tabIndex={own === at ? 0 : -1}
                  aria-label={tool.label}
                  aria-pressed={active[tool.name as keyof typeof active]}
                  // The text keeps its selection.
                  onMouseDown={(event) => event.preventDefault()}
                  onFocus={() => setAt(own)}
                  onClick={tool.run}
                  className="grid size-8 flex-none place-items-center rounded-[6px] text-text-2 hover:bg-hover hover:text-text aria-pressed:bg-hover aria-pressed:text-text pointer-coarse:size-10"
                >
                  <Icon as={tool.icon} />
                </button>
              </Tooltip>
            );
          })}
        </span>
      ))}
    </div>
  );
}
