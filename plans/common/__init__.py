"""Code that every app uses: the lowest layer. It lies here because the folders of the top level are fixed."""
