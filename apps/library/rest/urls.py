"""Routes of the library."""

from django.urls import path

from apps.library.rest import uploads, views

app_name = "library"

urlpatterns = [
    path("assets/", views.AssetCollection.as_view(), name="assets"),
    path("assets/<uuid:asset_id>/", views.AssetDetail.as_view(), name="asset-detail"),
    path("assets/<uuid:asset_id>/retry/", views.AssetRetry.as_view(), name="asset-retry"),
    path("assets/<uuid:asset_id>/grant/", views.AssetGrant.as_view(), name="asset-grant"),
    path("assets/<uuid:asset_id>/captions/", views.CaptionCollection.as_view(), name="captions"),
    path("assets/<uuid:asset_id>/captions/<uuid:caption_id>/", views.CaptionDetail.as_view(), name="caption-detail"),
    path("captions/<uuid:caption_id>.vtt", views.CaptionText.as_view(), name="caption-text"),
    path("uploads/", uploads.UploadCollection.as_view(), name="uploads"),
    path("uploads/<uuid:upload_id>/", uploads.UploadDetail.as_view(), name="upload-detail"),
    path("uploads/<uuid:upload_id>/parts/", uploads.UploadParts.as_view(), name="upload-parts"),
    path("uploads/<uuid:upload_id>/completion/", uploads.UploadCompletion.as_view(), name="upload-completion"),
    path("storage/", views.Storage.as_view(), name="storage"),
    path("playback-sessions/<uuid:sid>/renewal/", views.PlaybackRenewal.as_view(), name="playback-renewal"),
]
