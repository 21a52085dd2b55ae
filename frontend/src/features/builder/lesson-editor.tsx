import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { Failure } from '@/app/boundaries';
import { Skeleton, SkeletonText } from '@/ui/skeleton';
import { builderKeys, readNode } from './api';
import { EMPTY_BODY, EMPTY_DOC, withText, withVideo, type TextBlock, type VideoBlock as Video } from './body';
import { useBuilder } from './builder-context';
import { Inspector } from './inspector';
import type { DraftNode } from './model';
import { overlaid, type SavedNode } from './save-queue';
import { AddVideo } from './add-video';
import { VideoBlock } from './video-block';

const TextEditor = lazy(() => import('./text-editor'));

/** One lesson: its title, its film, its words; what completing it takes stands beside or, on less room, below. */
export function LessonEditor({ node }: { node: DraftNode }) {
  const builder = useBuilder();
  const { course, queue, mayEdit } = builder;
  const queries = useQueryClient();
  const lesson = useQuery({
    queryKey: builderKeys.node(course, node.item),
    queryFn: async ({ signal }) => overlaid(await readNode(course, node.item, signal), queue.pending(node.item)),
    // While it is open this page is where it changes; another's save is told by the next one of ours.
    staleTime: Infinity,
    gcTime: 0,
    placeholderData: undefined,
  });
  const number = builder.nodes.filter((each) => each.kind === 'lesson').findIndex((each) => each.item === node.item) + 1;
  const module = builder.nodes.find((each) => each.item === node.parent);

  return (
    <div className="xl:grid xl:min-h-full xl:grid-cols-[minmax(0,1fr)_296px]">
      <div className="mx-auto w-full max-w-[812px] px-4 pt-6 pb-12 sm:px-8 md:pt-9 lg:px-14">
        <TitleField node={node} />
        <p className="mt-1 t-xs text-text-3">
          {t`Lesson ${number}`}
          {module ? (
            <>
              {' · '}
              <bdi>{module.title}</bdi>
            </>
          ) : null}
        </p>
        {lesson.isError ? (
          <div className="mt-8">
            <Failure compact error={lesson.error} onRetry={() => void lesson.refetch()} />
          </div>
        ) : lesson.data ? (
          <Blocks lesson={lesson.data} onVideo={(asset) => void builder.editBody(node.item, (body) => withVideo(body, asset))} />
        ) : (
          <div role="status" aria-busy="true" aria-label={t`Loading the lesson`} className="mt-8 grid gap-8">
            <Skeleton className="h-40 w-full rounded-4" />
            <SkeletonText lines={4} />
          </div>
        )}
      </div>
      <Inspector
        node={node}
        mayEdit={mayEdit}
        onChange={(config) => builder.edit(node.item, { config })}
        assetId={lesson.data ? ((lesson.data.body?.blocks.find((block) => block.type === 'video') as Video | undefined)?.asset ?? null) : node.asset_id}
        onCaptions={(asset) => void queries.invalidateQueries({ queryKey: ['assets', asset] })}
      />
    </div>
  );
}

function Blocks({ lesson, onVideo }: { lesson: SavedNode; onVideo: (asset: string | null) => void }) {
  const builder = useBuilder();
  const body = lesson.body ?? EMPTY_BODY;
  const hasVideo = body.blocks.some((block) => block.type === 'video');
  const texts = body.blocks.filter((block): block is TextBlock => block.type === 'text');
  // Where there is no text yet there is room for one; it becomes a block with its first letter.
  const blocks = texts.length > 0 ? body.blocks : [...body.blocks, { type: 'text' as const, doc: EMPTY_DOC }];
  return (
    <div className="mt-7 grid grid-cols-[minmax(0,1fr)] gap-7">
      {!hasVideo && builder.mayEdit ? <AddVideo onVideo={onVideo} /> : null}
      {blocks.map((block) => {
        if (block.type === 'video') return <VideoBlock key="video" asset={block.asset} onVideo={onVideo} />;
        const index = Math.max(0, texts.indexOf(block));
        return (
          <Suspense key={`text-${index}`} fallback={<SkeletonText lines={4} />}>
            <TextEditor
              doc={block.doc}
              editable={builder.mayEdit}
              label={index === 0 ? t`Text of the lesson` : t`Text ${index + 1} of the lesson`}
              placeholder={t`Write here: what to watch for, what to remember, what to do next.`}
              onChange={(doc) => void builder.editBody(lesson.item, (current) => withText(current, index, doc))}
            />
          </Suspense>
        );
      })}
      {texts.length === 0 && !builder.mayEdit && !hasVideo ? (
        <p className="text-text-2">
          <Trans>This lesson is empty.</Trans>
        </p>
      ) : null}
    </div>
  );
}

function TitleField({ node }: { node: DraftNode }) {
  const { edit, mayEdit } = useBuilder();
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <>
      <h2 className="sr-only">{node.title}</h2>
      <textarea
        aria-label={t`Title of the lesson`}
        rows={1}
        maxLength={200}
        readOnly={!mayEdit}
        value={draft ?? node.title}
        onChange={(event) => {
          const title = event.currentTarget.value.replaceAll('\n', ' ');
          setDraft(title);
          // An empty title is no title: it is written once there is one again.
          if (title.trim()) edit(node.item, { title: title.trim() });
        }}
        onBlur={() => setDraft(null)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            event.preventDefault();
            event.currentTarget.blur();
          }
        }}
        className="-mx-2 block w-[calc(100%+16px)] resize-none rounded-2 bg-transparent px-2 py-1 t-h2 [field-sizing:content] hover:bg-hover focus:bg-surface focus:outline-2 focus:outline-brand-focus read-only:hover:bg-transparent"
      />
    </>
  );
}
