/**
 * The settings of a profile that some program reads: AWS's programs and SDKs ("AWS SDKs and Tools Reference
 * Guide", settings reference; `aws help config-vars`), aws-vault, and tools that share the file.
 */

/** Read by AWS's own programs. */
const AWS_SETTINGS =
  `account_id_endpoint_mode api_versions auth_scheme_preference aws_access_key_id aws_account_id
  aws_secret_access_key aws_session_token ca_bundle cli_auto_prompt cli_binary_format
  cli_follow_urlparam cli_help_output cli_history cli_pager cli_timestamp_format cloudwatch
  credential_process credential_source defaults_mode disable_request_compression duration_seconds
  ec2_instance_profile_name ec2_metadata_service_endpoint ec2_metadata_service_endpoint_mode ec2_metadata_v1_disabled
  endpoint_discovery_enabled endpoint_url external_id ignore_configured_endpoint_urls login_session
  max_attempts metadata_service_num_attempts metadata_service_timeout mfa_serial output
  parameter_validation region request_checksum_calculation request_min_compression_size_bytes
  response_checksum_validation retry_mode role_arn role_session_name s3 s3_disable_express_session_auth
  s3_disable_multiregion_access_points s3_us_east_1_regional_endpoint s3_use_arn_region sdk_ua_app_id
  services sigv4a_signing_region_set signature_version source_profile sso_account_id sso_region
  sso_registration_scopes sso_role_name sso_session sso_start_url sts_regional_endpoints tcp_keepalive
  use_accelerate_endpoint use_dualstack_endpoint use_fips_endpoint web_identity_token_file`;

/** Read by aws-vault alone. */
const OWN_SETTINGS =
  `include_profile mfa_process parent_profile session_tags source_identity transitive_session_tags
  web_identity_token_process aws_vault_agent_tags aws_vault_agents aws_vault_browser
  aws_vault_browser_profile aws_vault_cache_env aws_vault_confirm aws_vault_container_color
  aws_vault_no_session aws_vault_policy aws_vault_policy_arns aws_vault_root_task_policy
  aws_vault_sso_cache aws_vault_static_keys`;

/** Read by other tools that keep their settings in the file. */
const OTHERS_SETTINGS = `chain color cli_credential_process role_duration vegas_credential_name
  x_principal_arn x_security_token_expires`;

const SESSION_SETTINGS = `sso_region sso_registration_scopes sso_start_url`;

const words = (text: string): string[] => text.split(/\s+/);

const PROFILE: ReadonlySet<string> = new Set(
  [AWS_SETTINGS, OWN_SETTINGS, OTHERS_SETTINGS].flatMap(words),
);

const SSO_SESSION: ReadonlySet<string> = new Set(words(SESSION_SETTINGS));

/** The known settings of a profile, besides those in the table of sources. */
export const KNOWN_SETTINGS: ReadonlySet<string> = PROFILE;

/** The known settings of an `sso-session`. */
export const KNOWN_SESSION_SETTINGS: ReadonlySet<string> = SSO_SESSION;
