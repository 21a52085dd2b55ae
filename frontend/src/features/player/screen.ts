/** Full screen and picture in picture, with the differences between browsers kept here. Both say whether it worked. */

export async function togglePictureInPicture(video: HTMLVideoElement): Promise<boolean> {
  if (!document.pictureInPictureEnabled) return false;
  try {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else await video.requestPictureInPicture();
    return true;
  } catch {
    return false;
  }
}

export async function toggleFullscreen(stage: HTMLElement, video: HTMLVideoElement): Promise<boolean> {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else if (typeof stage.requestFullscreen === 'function') await stage.requestFullscreen();
    else {
      // iPhones let only the video itself go full screen.
      const own = (video as { webkitEnterFullscreen?: () => void }).webkitEnterFullscreen;
      if (!own) return false;
      own.call(video);
    }
    return true;
  } catch {
    return false;
  }
}

export const canPictureInPicture = (): boolean => typeof document !== 'undefined' && document.pictureInPictureEnabled === true;
