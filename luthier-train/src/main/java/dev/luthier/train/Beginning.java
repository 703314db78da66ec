package dev.luthier.train;

import dev.luthier.model.Model;
import java.nio.file.Path;

/**
 * What a run begins from. It is the same when a run that was ended goes on.
 *
 * @param model adapted, with the weights it has before the first step
 * @param folder what relative paths in a recipe are relative to
 */
public record Beginning(Model model, Path folder) {}
