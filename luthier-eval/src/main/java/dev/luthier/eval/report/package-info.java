/**
 * What a run did, as numbers ({@code report.json}) and as a page ({@code report.html}). {@link
 * dev.luthier.eval.report.RunReport} is computed once from the predictions and holds every number;
 * both files are written from it. The page is one file that needs no network and no script.
 */
@NullMarked
package dev.luthier.eval.report;

import org.jspecify.annotations.NullMarked;
