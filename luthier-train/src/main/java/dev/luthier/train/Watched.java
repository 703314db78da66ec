package dev.luthier.train;

import dev.luthier.model.Model;
import dev.luthier.model.nn.Parameter;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A run, as a listener gets to know it before it starts.
 *
 * @param model adapted, with the weights it has before the first step or a resume
 * @param trainable the parameters that the optimizer updates, by full name
 * @param spec the recipe's {@code train} section
 * @param origin where model and data come from
 * @param say tells all listeners what one of them has found
 */
public record Watched(
    Model model,
    Map<String, Parameter> trainable,
    TrainSpec spec,
    Origin origin,
    Consumer<Finding> say) {}
