"""The living style guide."""

from django.urls import path

from weineng.web.gallery import gallery

urlpatterns = [path("gallery/", gallery.gallery, name="gallery")]
