package io.cellrouter.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A file as Kubernetes mounts it out of a ConfigMap or Secret: {@code file -> ..data/file}, {@code
 * ..data -> ..version}. A change is a new folder and a link renamed over {@code ..data}; the file's
 * own link never changes.
 */
public final class MountedFile {
  private final Path mount;
  private final String name;
  private int version;

  public MountedFile(Path mount, String name, String content) throws IOException {
    this.mount = mount;
    this.name = name;
    change(content);
    Files.createSymbolicLink(path(), Path.of("..data", name));
  }

  /** Where the program finds it. */
  public Path path() {
    return mount.resolve(name);
  }

  /** As the kubelet does it. */
  public void change(String content) throws IOException {
    Path folder = Files.createDirectory(mount.resolve("..version-" + ++version));
    Files.writeString(folder.resolve(name), content);
    Path fresh = mount.resolve("..data_tmp");
    Files.createSymbolicLink(fresh, folder.getFileName());
    Files.move(
        fresh,
        mount.resolve("..data"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** The file's link leads nowhere. */
  public void remove() throws IOException {
    Files.delete(mount.resolve("..data"));
  }
}
