package dev.touchstone.model;

/**
 * A place in a transformer block where an activation can be read or replaced; TransformerLens's
 * name for it in parentheses. Shapes are those of {@link Hooks#at}.
 */
public enum Site {
  /** The residual stream before the block (hook_resid_pre), [batch, position, d_model]. */
  RESIDUAL_BEFORE,
  /** What the attention reads: the normalized stream (ln1.hook_normalized), same shape. */
  ATTENTION_INPUT,
  /** Queries with bias, before any rotation (hook_q), [batch, position, head, d_head]. */
  QUERY,
  /** Keys likewise (hook_k), same shape; with as many heads as there are for keys and values. */
  KEY,
  /** Values with bias (hook_v), shape of the keys. */
  VALUE,
  /**
   * q.k / sqrt(d_head), negative infinity at future positions (hook_attn_scores), [batch, head,
   * query, key].
   */
  SCORES,
  /** The scores' softmax over keys (hook_pattern), same shape. */
  PATTERN,
  /** The heads' outputs before W_O (hook_z), [batch, position, head, d_head]. */
  Z,
  /** What the attention writes (hook_attn_out), [batch, position, d_model]. */
  ATTENTION_OUTPUT,
  /** What the MLP writes (hook_mlp_out), same shape. */
  MLP_OUTPUT,
  /** The residual stream after the block (hook_resid_post), same shape. */
  RESIDUAL_AFTER
}
