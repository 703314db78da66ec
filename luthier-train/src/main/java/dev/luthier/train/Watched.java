package dev.luthier.train;

import dev.luthier.model.Model;
import dev.luthier.model.nn.Parameter;
import java.util.Map;

/**
 * A run, as a listener gets to know it before it starts.
 *
 * @param model adapted, with the weights it has before the first step or a resume
 * @param trainable the parameters that the optimizer updates, by full name
 * @param spec the recipe's {@code train} section
 * @param identity of recipe, data and base
 * @param origin where model and data come from
 * @param audience all listeners together, for who has {@linkplain Listener#found found} or
 *     {@linkplain Listener#measured measured} something
 */
public record Watched(
    Model model,
    Map<String, Parameter> trainable,
    TrainSpec spec,
    Identity identity,
    Origin origin,
    Listener audience) {}
