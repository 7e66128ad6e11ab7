"""Live gesture control under the names that earlier code imports. All of it lives in `motif`."""
