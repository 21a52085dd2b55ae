import { t } from '@lingui/core/macro';
import { Captions, CaptionsOff, Maximize, Minimize, Pause, PictureInPicture2, Play, RotateCcw, RotateCw, Volume1, Volume2, VolumeX, type LucideIcon } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { cx } from '@/ui/cx';
import { Icon } from '@/ui/icon';
import { speedsOffered } from './key-map';
import { chapterAt, clock, qualityChoices, qualityName, type Chapter } from './model';
import { canPictureInPicture } from './screen';
import { StageChoices, StageMenu } from './stage-menu';
import { usePlayer, usePlayerState } from './use-player';

const BUTTON =
  'relative grid h-10 min-w-10 flex-none place-items-center rounded-2 text-[14px] font-medium text-white hover:bg-white/14 focus-visible:outline-white pointer-coarse:h-11 pointer-coarse:min-w-11';

interface ControlProps {
  label: string;
  shortcut?: string;
  icon: LucideIcon;
  filled?: boolean;
  on?: boolean;
  onPress: () => void;
  className?: string;
}

/** A control of the stage. `title` instead of a floating tooltip: it works in full screen too. */
function Control({ label, shortcut, icon, filled = false, on, onPress, className }: ControlProps) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-pressed={on}
      title={shortcut ? `${label} (${shortcut})` : label}
      className={cx(BUTTON, on && UNDERLINED, className)}
      onClick={onPress}
    >
      <Icon as={icon} size={20} className={filled ? 'fill-current' : ''} />
    </button>
  );
}

const UNDERLINED = 'after:absolute after:bottom-[5px] after:h-0.5 after:w-4 after:rounded-[1px] after:bg-brand-solid';

/** Everything below the time bar. What does not fit on a phone moves into the speed menu. */
export function ControlBar({ chapters }: { chapters: readonly Chapter[] }) {
  const player = usePlayer();
  const playing = usePlayerState('playing');
  const fullscreen = usePlayerState('fullscreen');
  const pip = usePlayerState('pip');
  const audioOnly = usePlayerState('audioOnly');
  return (
    <div className="flex min-h-11 items-center gap-0.5">
      <Control
        label={playing ? t`Pause` : t`Play`}
        shortcut="K"
        icon={playing ? Pause : Play}
        filled
        onPress={() => player.toggle()}
      />
      <Control label={t`Back 10 seconds`} shortcut="J" icon={RotateCcw} onPress={() => player.seekBy(-10)} className="hidden @lg:grid" />
      <Control label={t`Forward 10 seconds`} shortcut="L" icon={RotateCw} onPress={() => player.seekBy(10)} className="hidden @lg:grid" />
      <Volume />
      <Clock />
      <ChapterName chapters={chapters} />
      <div className="ms-auto flex flex-none items-center gap-0.5">
        <SpeedMenu />
        <CaptionsControl />
        <QualityMenu />
        {canPictureInPicture() && !audioOnly ? (
          <Control
            label={pip ? t`Leave picture in picture` : t`Picture in picture`}
            shortcut="I"
            icon={PictureInPicture2}
            onPress={() => void player.togglePip()}
            className="hidden @lg:grid"
          />
        ) : null}
        <Control
          label={fullscreen ? t`Leave full screen` : t`Full screen`}
          shortcut="F"
          icon={fullscreen ? Minimize : Maximize}
          onPress={() => void player.toggleFullscreen()}
        />
      </div>
    </div>
  );
}

function Clock() {
  const time = usePlayerState('time');
  const duration = usePlayerState('duration');
  return (
    <span className="flex-none ps-2 pe-3 text-[14px] whitespace-nowrap text-white/80 tabular-nums">
      <b className="font-[560] text-white">{clock(time)}</b> / {clock(duration)}
    </span>
  );
}

function ChapterName({ chapters }: { chapters: readonly Chapter[] }) {
  const time = usePlayerState('time');
  const chapter = chapterAt(chapters, time);
  if (!chapter) return null;
  return <span className="hidden min-w-0 truncate border-s border-white/30 ps-3.5 text-[14px] text-white/80 @2xl:block">{chapter.title}</span>;
}

function Volume() {
  const player = usePlayer();
  const volume = usePlayerState('volume');
  const muted = usePlayerState('muted');
  const heard = muted ? 0 : volume;
  return (
    <span className="group/volume hidden items-center @lg:flex">
      <Control
        label={muted ? t`Sound on` : t`Mute`}
        shortcut="M"
        icon={heard === 0 ? VolumeX : heard < 0.5 ? Volume1 : Volume2}
        onPress={() => player.toggleMute()}
      />
      <input
        type="range"
        aria-label={t`Volume`}
        aria-valuetext={`${Math.round(heard * 100)} %`}
        min={0}
        max={1}
        step={0.05}
        value={heard}
        onChange={(event) => player.setVolume(event.currentTarget.valueAsNumber)}
        className="h-6 w-0 cursor-pointer accent-white opacity-0 transition-[width,opacity] duration-[160ms] group-focus-within/volume:w-[76px] group-focus-within/volume:opacity-100 group-hover/volume:w-[76px] group-hover/volume:opacity-100 focus-visible:outline-white pointer-coarse:hidden"
      />
    </span>
  );
}

function speedName(speed: number): string {
  return `${speed}×`;
}

function SpeedMenu() {
  const player = usePlayer();
  const speed = usePlayerState('speed');
  const name = speedName(speed);
  return (
    <StageMenu
      label={t`Speed`}
      trigger={
        <button type="button" title={`${t`Speed`} (< >)`} aria-label={t`Speed ${name}`} className={cx(BUTTON, 'px-2.5')}>
          {name}
        </button>
      }
    >
      <StageChoices
        label={t`Speed`}
        value={String(speed)}
        onChange={(value) => player.setSpeed(Number(value))}
        options={speedsOffered().map((choice) => ({ value: String(choice), label: choice === 1 ? t`1× normal` : speedName(choice) }))}
      />
      {/* A phone has no room for a second menu beside it. */}
      <div className="sm:hidden">
        <QualityChoices />
      </div>
    </StageMenu>
  );
}

function useQualityNames(): { auto: string; now: string | null } {
  const qualities = usePlayerState('qualities');
  const quality = usePlayerState('quality');
  const current = qualities.find((candidate) => candidate.id === quality);
  const now = current ? qualityName(current) : null;
  return { auto: now ? t`Auto (${now})` : t`Auto`, now };
}

function QualityChoices() {
  const player = usePlayer();
  const qualities = usePlayerState('qualities');
  const autoQuality = usePlayerState('autoQuality');
  const quality = usePlayerState('quality');
  const { auto, now } = useQualityNames();
  const choices = qualityChoices(qualities);
  if (choices.length < 2) return null;
  const chosen = choices.find((choice) => choice.id === quality || qualityName(choice) === now);
  return (
    <StageChoices
      label={t`Quality`}
      value={autoQuality || !chosen ? 'auto' : String(chosen.id)}
      onChange={(value) => player.setQuality(value === 'auto' ? 'auto' : Number(value))}
      options={[{ value: 'auto', label: autoQuality ? auto : t`Auto` }, ...choices.map((choice) => ({ value: String(choice.id), label: qualityName(choice) }))]}
    />
  );
}

function QualityMenu() {
  const qualities = usePlayerState('qualities');
  const autoQuality = usePlayerState('autoQuality');
  const { now } = useQualityNames();
  if (qualityChoices(qualities).length < 2) return null;
  const size = now ?? '';
  return (
    <StageMenu
      label={t`Quality`}
      trigger={
        <button type="button" aria-label={autoQuality ? t`Quality auto ${size}` : t`Quality ${size}`} title={t`Quality`} className={cx(BUTTON, 'hidden px-2.5 @lg:block')}>
          {autoQuality ? `${t`Auto`} ` : ''}
          <span className={autoQuality ? 'opacity-78' : ''}>{now}</span>
        </button>
      }
    >
      <QualityChoices />
    </StageMenu>
  );
}

function CaptionsControl(): ReactNode {
  const player = usePlayer();
  const tracks = usePlayerState('tracks');
  const track = usePlayerState('track');
  const captions = usePlayerState('captions');
  const [open, setOpen] = useState(false);
  if (tracks.length === 0) return null;
  if (tracks.length === 1) {
    return (
      <Control
        label={t`Captions`}
        shortcut="C"
        icon={captions ? Captions : CaptionsOff}
        on={captions}
        onPress={() => player.toggleCaptions()}
      />
    );
  }
  return (
    <StageMenu
      label={t`Captions`}
      open={open}
      onOpenChange={setOpen}
      trigger={
        <button type="button" aria-label={captions ? t`Captions on` : t`Captions off`} title={`${t`Captions`} (C)`} className={cx(BUTTON, captions && UNDERLINED)}>
          <Icon as={captions ? Captions : CaptionsOff} size={20} />
        </button>
      }
    >
      <StageChoices
        label={t`Captions`}
        value={captions && track ? track : 'off'}
        onChange={(value) => player.setCaptions(value === 'off' ? null : value)}
        options={[{ value: 'off', label: t`Off` }, ...tracks.map((candidate) => ({ value: candidate.id, label: candidate.label }))]}
      />
    </StageMenu>
  );
}
